#include "storage/conversations/names.h"

namespace ponder::storage {

QString nameOf(Role role)
{
    switch (role) {
    case Role::System:
        return QStringLiteral("system");
    case Role::User:
        return QStringLiteral("user");
    case Role::Assistant:
        break;
    }
    return QStringLiteral("assistant");
}

QString nameOf(MessageState state)
{
    switch (state) {
    case MessageState::Streaming:
        return QStringLiteral("streaming");
    case MessageState::Complete:
        return QStringLiteral("complete");
    case MessageState::Interrupted:
        return QStringLiteral("interrupted");
    case MessageState::Failed:
        break;
    }
    return QStringLiteral("failed");
}

Role roleOf(const QString& name)
{
    for (const Role role : {Role::System, Role::Assistant}) {
        if (name == nameOf(role))
            return role;
    }
    return Role::User;
}

MessageState stateOf(const QString& name)
{
    for (const MessageState state :
        {MessageState::Streaming, MessageState::Complete, MessageState::Failed}) {
        if (name == nameOf(state))
            return state;
    }
    return MessageState::Interrupted;
}

} // namespace ponder::storage
