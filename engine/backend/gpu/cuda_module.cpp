#include "engine/backend/gpu/cuda_module.h"

#include <cstdlib>
#include <string>
#include <string_view>

#include <dlfcn.h>

#include "engine/backend/gpu/cuda_module_abi.h"

namespace ponder {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "libponder-cuda.so";

tl::unexpected<Error> noModule(const std::string& context)
{
    return fail(ErrorCode::InvalidArgument,
        "This copy of Ponder has no GPU module (" + std::string(kFile)
            + "): it was built without CUDA. The processor (cpu) can be used.",
        context);
}

/// What the loader says, for a person.
std::string loaderSays()
{
    const char* text = ::dlerror();
    return text != nullptr ? text : "no reason was given";
}

/// The driver is there, but the part of it that computes is not loaded. It is loaded by a helper with the
/// rights of root (nvidia-modprobe), and a program with a seccomp filter cannot give those.
bool computePartIsMissing()
{
    std::error_code error;
    return fs::exists("/proc/driver/nvidia/version", error)
        && !fs::exists("/dev/nvidia-uvm", error);
}

bool hasDriver()
{
    void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (driver == nullptr)
        return false;
    ::dlclose(driver);
    return true;
}

template <typename Function> Function* symbol(void* library, const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(library, name));
}

} // namespace

CudaModule::CudaModule(const CudaModuleEntries& entries)
    : m_entries(std::make_unique<const CudaModuleEntries>(entries))
{
}

CudaModule::~CudaModule() = default;

Result<std::shared_ptr<const CudaModule>> CudaModule::load()
{
    const char* named = std::getenv("PONDER_CUDA_MODULE");
    if (named != nullptr && *named != '\0') {
        if (std::string_view(named) == "none")
            return noModule("PONDER_CUDA_MODULE=none");
        return load(named);
    }
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const fs::path& place : {folder, folder / "../lib/ponder"}) {
        const fs::path file = place / kFile;
        if (!fs::exists(file, error))
            continue;
        if (!hasDriver())
            return fail(ErrorCode::InvalidArgument,
                "There is no NVIDIA driver on this computer (libcuda.so.1), so no GPU can be used. "
                "Install the driver, or use the processor (cpu).");
        return load(file);
    }
    return noModule("beside " + folder.string());
}

Result<std::shared_ptr<const CudaModule>> CudaModule::load(const fs::path& file)
{
    std::error_code error;
    if (!fs::exists(file, error))
        return noModule(file.string());
    // It stays loaded for good: CUDA's handlers for the end of the program are in it.
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr)
        return fail(ErrorCode::InvalidArgument,
            "The GPU module cannot be loaded: " + loaderSays()
                + ". Install what it names, or use the processor (cpu).",
            file.string());
    auto* const abi = symbol<std::uint64_t()>(library, "ponderCudaModuleAbi");
    auto* const entriesOf = symbol<void(CudaModuleEntries&)>(library, "ponderCudaModuleEntries");
    if (abi == nullptr || entriesOf == nullptr)
        return fail(ErrorCode::InvalidArgument,
            file.filename().string()
                + " is no GPU module of Ponder. Install Ponder again, or use the processor (cpu).",
            file.string());
    if (abi() != kCudaModuleAbi)
        return fail(ErrorCode::InvalidArgument,
            "The GPU module is of another version of Ponder than this program. Install both "
            "together, "
            "or use the processor (cpu).",
            file.string());
    CudaModuleEntries entries;
    entriesOf(entries);
    return std::make_shared<const CudaModule>(entries);
}

Result<std::vector<Gpu>> CudaModule::devices() const
{
    Result<std::vector<Gpu>> found;
    m_entries->devices(found);
    if (!found && found.error().code == ErrorCode::InvalidArgument && computePartIsMissing())
        return fail(ErrorCode::InvalidArgument,
            "The NVIDIA driver is here, but the part of it that computes (nvidia-uvm) is not "
            "loaded, and "
            "Ponder, which is closed to the network, may not load it. Run \"sudo nvidia-modprobe "
            "-u -c 0\" "
            "once, or use the processor (cpu).",
            found.error().message);
    return found;
}

Result<std::unique_ptr<Backend>> CudaModule::makeBackend(
    const Network& network, const PlacementPlan& plan) const
{
    Result<std::unique_ptr<Backend>> backend;
    m_entries->makeBackend(network, plan, backend);
    return backend;
}

Result<std::vector<kernels::CheckResult>> CudaModule::selfcheck(
    int device, const std::function<void(const kernels::CheckResult&)>& progress) const
{
    Result<std::vector<kernels::CheckResult>> results;
    m_entries->selfcheck(device, progress, results);
    return results;
}

Result<double> CudaModule::copyBandwidth(int device) const
{
    Result<double> bandwidth;
    m_entries->copyBandwidth(device, bandwidth);
    return bandwidth;
}

void CudaModule::release(int kept) const
{
    m_entries->release(kept);
}

} // namespace ponder
