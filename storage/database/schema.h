#pragma once

#include "storage/database/error.h"
#include "storage/database/migrations.h"

#include <QDate>

#include <span>

namespace ponder::storage {

class Connection;
class InstanceLock;

/// How much a file holds, for the sentences about a repair.
struct Holdings {
    int conversations = 0;
    int messages = 0;
};

/// Everything that this folder must know of the tables and does not: it opens, repairs and saves a
/// file whatever is in it. ponderSchema() is Ponder's. The functions run on the storage thread.
struct Schema {
    std::span<const Migration> migrations;

    /// The tables whose rows salvage() looks for. A row is tried against them in this order.
    std::span<const char* const> tables;
    /// Words that a file has somewhere in its schema if it is of this kind.
    const char* signature = nullptr;
    /// A statement that reads a table, and fails where the tables are others.
    const char* readTable = nullptr;
    /// A statement that changes nothing, and takes room in the log as a change does.
    const char* tryToWrite = nullptr;

    Result<Holdings> (*holdings)(Connection& connection) = nullptr;
    /// Repairs what refers to rows that are lost. Inside a transaction; foreign keys are off.
    Result<void> (*mend)(Connection& connection) = nullptr;
    /// What is done at each start: ends what killed windows left, and forgets what is old.
    Result<void> (*tidy)(Connection& connection, const InstanceLock& lock, QDate today) = nullptr;
    /// Makes what all windows of a file that was copied into memory left this window's own.
    Result<void> (*adopt)(Connection& connection) = nullptr;
};

} // namespace ponder::storage
