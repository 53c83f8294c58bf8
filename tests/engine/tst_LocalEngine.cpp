// The window's engine and GPUs: where a model computes, what is given back, what becomes of a lost GPU.
// First on GPUs that are the processor and count what is held, then on the whole GPU backend, emulated.
#include "engine/backend/gpu/module.h"
#include "engine/local_engine.h"
#include "kernels/cuda/device.h"
#include "tests/engine/gguf_bytes.h"
#include "tests/ui/counted_gpus.h"

#include <filesystem>
#include <fstream>

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
using Kind = DeviceChoice::Kind;

const QString kStarter = QStringLiteral(PONDER_SOURCE_DIR "/resources/starter/ponder-starter.gguf");

Result<std::shared_ptr<const CudaModule>> noModule()
{
    return fail(ErrorCode::InvalidArgument, "There is no GPU module.");
}

Result<std::shared_ptr<const CudaModule>> countedModule()
{
    return CountedGpus::module();
}

Result<std::shared_ptr<const CudaModule>> emulatedModule()
{
    return std::make_shared<const CudaModule>(cudaModuleEntries());
}

Result<OpenModel> openOn(LocalEngine& engine, const DeviceChoice& device,
    const QString& path = kStarter, std::uint32_t contextLength = 1024)
{
    OpenRequest request;
    request.path = path.toStdString();
    request.contextLength = contextLength;
    request.device = device;
    return engine.open(request, [](double) { }, {});
}

/// The greedy answer to a sum, continuing an earlier thought. The text of all events goes to `said`.
Result<Finish> ask(LocalEngine& engine, std::string& said, const std::string& thought = {})
{
    ChatRequest request;
    request.messages = {{"user", "What is 34 + 58?", {}}};
    request.sampling.temperature = 0;
    request.continueReasoning = thought;
    return engine.generate(
        request, [&said](const TokenEvent& event) { said += event.text; },
        [](const PromptProgress&) {}, {});
}

} // namespace

class tst_LocalEngine : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (!QFileInfo::exists(kStarter))
            QSKIP("The starter model is not in resources/starter: train it, and these tests run.");
    }

    void init()
    {
        CountedGpus::instance() = {};
        CountedGpus::instance().gpus
            = {{0, "Large GPU", 8 * kGiB, 7 * kGiB, 0}, {1, "Small GPU", 4 * kGiB, 3 * kGiB, 0}};
    }

    void cleanup() { QVERIFY(!CountedGpus::instance().wrong); }

    void computesWhereItWasTold_data()
    {
        QTest::addColumn<QString>("choice");
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("gpu");
        QTest::newRow("automatic") << u"auto"_s << u"cuda:0"_s << u"Large GPU"_s;
        QTest::newRow("any") << u"cuda"_s << u"cuda:0"_s << u"Large GPU"_s;
        QTest::newRow("second") << u"cuda:1"_s << u"cuda:1"_s << u"Small GPU"_s;
        QTest::newRow("processor") << u"cpu"_s << u"cpu"_s << QString();
    }

    void computesWhereItWasTold()
    {
        QFETCH(QString, choice);
        QFETCH(QString, device);
        QFETCH(QString, gpu);
        LocalEngine engine(countedModule);
        QVERIFY(engine.place() == ComputePlace{});
        QVERIFY(openOn(engine, *DeviceChoice::parse(choice.toStdString())));
        const ComputePlace place = engine.place();
        QCOMPARE(QString::fromStdString(place.device), device);
        QCOMPARE(QString::fromStdString(place.gpu), gpu);
        QVERIFY(!place.plan.empty());
        QCOMPARE(place.remark, std::string());
        std::string said;
        QVERIFY(ask(engine, said));
        QVERIFY(said.find("92") != std::string::npos);
        engine.close();
        QVERIFY(engine.place() == ComputePlace{});
        QVERIFY(!ask(engine, said));
    }

    void holdsNothingButWhereItComputes()
    {
        const CountedGpus& gpus = CountedGpus::instance();
        LocalEngine engine(countedModule);
        QCOMPARE(engine.gpus().gpus.size(), 2u);
        QVERIFY(gpus.contexts.empty());
        QVERIFY(openOn(engine, {Kind::Cuda, 1}));
        QVERIFY(gpus.contexts == std::set<int>{1});
        QCOMPARE(engine.gpus().gpus.size(), 2u); // asked while a model is open
        QVERIFY(gpus.contexts == std::set<int>{1});
        QCOMPARE(gpus.backends.size(), 1u);
        QVERIFY(openOn(engine, {Kind::Cpu}));
        QVERIFY(gpus.contexts.empty() && gpus.backends.empty());
        QVERIFY(openOn(engine, {}));
        engine.close();
        QVERIFY(gpus.contexts.empty() && gpus.backends.empty());
        QVERIFY(openOn(engine, {})); // and again
        engine.close();
        QVERIFY(gpus.contexts.empty() && gpus.backends.empty());
    }

    void givesBackWhatAFailedOpeningTook()
    {
        const CountedGpus& gpus = CountedGpus::instance();
        LocalEngine engine(countedModule);
        QVERIFY(!openOn(engine, {}, u"/nowhere.gguf"_s));
        QVERIFY(gpus.contexts.empty());
        std::stop_source stop;
        stop.request_stop();
        OpenRequest request;
        request.path = kStarter.toStdString();
        QVERIFY(!engine.open(request, [](double) { }, stop.get_token()));
        QVERIFY(gpus.contexts.empty() && gpus.backends.empty());
    }

    void makesRoomOnTheGpuForTheNextModel()
    {
        const CountedGpus& gpus = CountedGpus::instance();
        LocalEngine engine(countedModule);
        QVERIFY(openOn(engine, {Kind::Cuda, 0}));
        QVERIFY(openOn(engine, {Kind::Cuda, 0})); // both at once would not fit
        QCOMPARE(engine.place().device, std::string("cuda:0"));
        QCOMPARE(engine.place().remark, std::string());
        QCOMPARE(gpus.backends.size(), 1u);
        QCOMPARE(gpus.made, 2);
    }

    void doesWithoutAGpuThatWillNotDo()
    {
        {
            LocalEngine engine(countedModule);
            QVERIFY(openOn(engine, {Kind::Cuda, 7}));
            QCOMPARE(engine.place().device, std::string("cuda:0"));
            const QString remark = QString::fromStdString(engine.place().remark);
            QVERIFY2(remark.contains(u"no GPU cuda:7 here"_s), qPrintable(remark));
            QVERIFY2(remark.endsWith(u"Large GPU computes instead."_s), qPrintable(remark));
        }
        {
            CountedGpus::instance().refusesAll = true;
            LocalEngine engine(countedModule);
            QVERIFY(openOn(engine, {Kind::Cuda, 1}));
            QCOMPARE(engine.place().device, std::string("cpu"));
            const QString remark = QString::fromStdString(engine.place().remark);
            QVERIFY2(remark.contains(u"too little memory"_s), qPrintable(remark));
            QVERIFY(CountedGpus::instance().contexts.empty());
        }
        LocalEngine engine(noModule);
        QVERIFY(openOn(engine, {Kind::Cuda, 0}));
        QCOMPARE(engine.place().device, std::string("cpu"));
        QCOMPARE(engine.place().remark,
            std::string("There is no GPU module. The processor computes instead."));
    }

    void refusesWhatCannotBeHadWhereTheRequestIsStrict()
    {
        OpenRequest request;
        request.path = kStarter.toStdString();
        request.contextLength = 1024;
        request.strict = true;
        request.warm = false;
        LocalEngine engine(countedModule);
        QVERIFY(engine.open(request, {}, {})); // nothing is missing
        OpenRequest other = request;
        other.device = {Kind::Cuda, 7};
        const auto absent = engine.open(other, {}, {});
        QVERIFY(!absent);
        QVERIFY(QString::fromStdString(absent.error().message).contains(u"cuda:7"_s));
        CountedGpus::instance().refusesAll = true;
        other.device = {Kind::Cuda, 1};
        QCOMPARE(engine.open(other, {}, {}).error().code, ErrorCode::OutOfMemory);
        other = request;
        other.templateSource = "{% nonsense %}";
        QVERIFY(!engine.open(other, {}, {}));
        other.strict = false; // then the model's own takes its place
        const auto replaced = engine.open(other, {}, {});
        QVERIFY(replaced && !replaced->remark.empty());

        LocalEngine without(noModule);
        request.device = {Kind::Cuda, 0};
        QCOMPARE(
            without.open(request, {}, {}).error().message, std::string("There is no GPU module."));
        QCOMPARE(without.noGpuReason(), std::string("There is no GPU module."));
    }

    void opensAFileWithoutAVocabularyOnlyToMeasure()
    {
        OpenRequest request;
        const auto file
            = GgufFile::open(std::filesystem::path(PONDER_TEST_DATA) / "golden" / "v2_lite.gguf");
        QVERIFY(file);
        test::GgufBytes bytes(*file);
        std::erase_if(
            bytes.entries, [](const auto& entry) { return entry.key.starts_with("tokenizer."); });
        const QTemporaryDir folder;
        request.path = folder.filePath(u"numbers.gguf"_s).toStdString();
        std::ofstream(request.path, std::ios::binary) << bytes.build();
        LocalEngine engine(countedModule);
        QVERIFY(!engine.open(request, {}, {}));
        QVERIFY(engine.session() == nullptr);
        request.needsText = false;
        QVERIFY(engine.open(request, {}, {}));
        QVERIFY(engine.session() != nullptr);
        const std::int32_t tokens[] = {1, 2, 3};
        QVERIFY(engine.session()->prefill(tokens));
        QVERIFY(!engine.session()->logits()->empty());
        std::string said;
        const auto answer = ask(engine, said);
        QVERIFY(!answer);
        QVERIFY(QString::fromStdString(answer.error().message).contains(u"no vocabulary"_s));
        engine.close();
        QVERIFY(engine.session() == nullptr);
    }

    void isSilentWhereNoGpuWasRequested()
    {
        LocalEngine engine(noModule);
        QVERIFY(openOn(engine, {}));
        QCOMPARE(engine.place().device, std::string("cpu"));
        QCOMPARE(engine.place().remark, std::string());
        QCOMPARE(engine.gpus().reason, std::string("There is no GPU module."));
        CountedGpus::instance().gpus.clear();
        LocalEngine without(countedModule);
        QVERIFY(without.gpus().gpus.empty());
        QVERIFY(!without.gpus().reason.empty());
    }

    void looksForTheModuleAgainWhenItWasNotThere()
    {
        int loads = 0;
        LocalEngine engine([&loads]() -> Result<std::shared_ptr<const CudaModule>> {
            if (++loads == 1)
                return noModule();
            return CountedGpus::module();
        });
        QVERIFY(openOn(engine, {Kind::Cpu}));
        QCOMPARE(loads, 0); // choosing the processor loads no driver
        QVERIFY(engine.gpus().gpus.empty());
        QCOMPARE(engine.gpus().gpus.size(), 2u);
        QVERIFY(openOn(engine, {}));
        QCOMPARE(loads, 2);
    }

    void goesOnOnTheProcessorWhenTheGpuIsLost()
    {
        LocalEngine engine(countedModule);
        std::string whole;
        QVERIFY(openOn(engine, {Kind::Cpu}));
        QVERIFY(ask(engine, whole));

        QVERIFY(openOn(engine, {}));
        CountedGpus::instance().lostAtBatch = 12;
        std::string said;
        const auto lost = ask(engine, said);
        QVERIFY(!lost);
        QCOMPARE(int(lost.error().code), int(ErrorCode::DeviceLost));
        QVERIFY(!said.empty() && whole.starts_with(said));
        QVERIFY(CountedGpus::instance().contexts.empty());
        QVERIFY(CountedGpus::instance().backends.empty());
        ComputePlace place = engine.place();
        QCOMPARE(place.device, std::string("cpu"));
        QCOMPARE(place.gpu, std::string());
        QCOMPARE(place.remark, std::string("The GPU stopped answering (counted)."));

        // A question that cannot be asked changes nothing.
        std::string nothing;
        QVERIFY(!engine.generate({}, [](const TokenEvent&) { }, [](const PromptProgress&) { }, {}));
        QVERIFY(engine.place() == place);

        QVERIFY(ask(engine, said, said));
        QVERIFY2(said.find("92") != std::string::npos, said.c_str());
        place = engine.place();
        QCOMPARE(place.device, std::string("cpu"));
        QVERIFY(!place.plan.empty() && !place.remark.empty());
        QVERIFY(CountedGpus::instance().contexts.empty());

        CountedGpus::instance().lostAtBatch = 0;
        QVERIFY(openOn(engine, {})); // the GPU is tried again
        QCOMPARE(engine.place().device, std::string("cuda:0"));
        QCOMPARE(engine.place().remark, std::string());
    }

    /// The whole GPU backend with the starter model, as the window runs it.
    void computesOnTheEmulatedGpuAndGivesEveryByteBack()
    {
        emulation::resetMachine();
        const std::size_t before = emulation::machine().deviceBytes;
        const std::size_t pinned = emulation::machine().hostBytes;
        LocalEngine engine(emulatedModule);
        QVERIFY(openOn(engine, {Kind::Cuda, 0}, kStarter, 512));
        QCOMPARE(engine.place().device, std::string("cuda:0"));
        QCOMPARE(engine.place().remark, std::string());
        QVERIFY(emulation::machine().deviceBytes > before);

        emulation::machine().launchesUntilLoss = 40;
        std::string said;
        const auto lost = ask(engine, said);
        QVERIFY(!lost);
        QCOMPARE(int(lost.error().code), int(ErrorCode::DeviceLost));
        QVERIFY(QString::fromStdString(lost.error().message).contains(u"stopped answering"_s));
        QCOMPARE(emulation::machine().deviceBytes, before);
        QCOMPARE(emulation::machine().hostBytes, pinned);
        emulation::resetMachine();

        QVERIFY(ask(engine, said, said)); // on the processor
        QVERIFY2(said.find("92") != std::string::npos, said.c_str());
        QCOMPARE(engine.place().device, std::string("cpu"));

        QVERIFY(openOn(engine, {Kind::Cuda, 0}, kStarter, 512));
        QVERIFY(emulation::machine().deviceBytes > before);
        engine.close();
        QCOMPARE(emulation::machine().deviceBytes, before);
        QCOMPARE(emulation::machine().hostBytes, pinned);
        QVERIFY2(emulation::machine().failures.empty(),
            emulation::machine().failures.empty() ? "" : emulation::machine().failures[0].c_str());
    }
};

QTEST_GUILESS_MAIN(tst_LocalEngine)
#include "tst_LocalEngine.moc"
