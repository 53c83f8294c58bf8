// Kernels whose instructions are known, for tst_gpu_resources: they hold the table of opcodes (tests/gpu/cubin.py)
// against what the compiler makes today, and show that spills and arrays in memory are seen.

extern "C" {

__global__ void dotOnce(const int* a, int* y)
{
    y[1] = __dp4a(a[0], a[1], a[2]);
}

__global__ void mmaOnce(const unsigned* a, float* y)
{
    float d[4];
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
        "{%8,%9}, {%10,%10,%10,%10};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "f"(y[0]));
    y[1] = d[0];
    y[2] = d[3];
}

__global__ void byteMmaOnce(const unsigned* a, int* y)
{
    int d[4];
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
                 "{%8,%9}, {%10,%10,%10,%10};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "r"(y[0]));
    y[1] = d[0];
    y[2] = d[3];
}

__global__ void matrixLoadOnce(unsigned at, unsigned* y)
{
    unsigned r[4];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
        : "r"(at));
    y[1] = r[0] + r[1] + r[2] + r[3];
}

__global__ void copyOnce(unsigned to, const void* from)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
    asm volatile("cp.async.commit_group;" ::: "memory");
    asm volatile("cp.async.wait_group 0;" ::: "memory");
}

__global__ void shuffleOnce(int* y)
{
    y[1] = __shfl_xor_sync(0xFFFFFFFF, y[threadIdx.x], 3);
}

__global__ void sharedOnce(int* y)
{
    __shared__ int all[64];
    all[threadIdx.x] = y[0];
    __syncthreads();
    y[1] = all[threadIdx.x ^ 5];
}

__global__ void genericOnce(const int* global, int* y)
{
    __shared__ int all[64];
    all[threadIdx.x] = y[0];
    __syncthreads();
    const int* from = global == nullptr ? all : global;
    y[1] = from[threadIdx.x + 3];
}

__global__ void atomicOnce(int* y)
{
    atomicAdd(y, 3);
}
__global__ void fmaOnce(const float* a, float* y)
{
    y[1] = fmaf(a[0], a[1], a[2]);
}
__global__ void doubleOnce(const double* a, double* y)
{
    y[1] = fma(a[0], a[1], a[2]);
}
__global__ void convertOnce(const int* a, float* y)
{
    y[1] = static_cast<float>(a[0]);
}
__global__ void logicOnce(const int* a, int* y)
{
    y[1] = (a[0] & a[1]) ^ a[2];
}
__global__ void wideSum(const long long* a, long long* y)
{
    y[1] = a[0] + a[1];
}

__global__ void halfOnce(const unsigned* a, unsigned* y)
{
    unsigned d;
    asm volatile("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(a[0]), "r"(a[1]), "r"(a[2]));
    y[1] = d;
}

/// Two loops, one in the other; a division by a number that is not known, which is a routine of its own.
__global__ void loopOfDots(const int* a, int* y, int rows, int cols, float by)
{
    for (int row = 0; row < rows; ++row) {
        int sum = 0;
#pragma unroll 1
        for (int col = 0; col < cols; ++col)
            sum = __dp4a(a[row * cols + col], a[col], sum);
        y[row] = static_cast<int>(static_cast<float>(sum) / by);
    }
}

__global__ void localArray(const int* a, int* y)
{
    int all[64];
    for (int i = 0; i < 64; ++i)
        all[a[i] & 63] = i;
    y[1] = all[a[64] & 63];
}

__global__ void __launch_bounds__(512, 3) spilling(const float* a, float* y)
{
    float all[64];
#pragma unroll
    for (int i = 0; i < 64; ++i)
        all[i] = a[i * 512 + threadIdx.x];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 64; ++i)
        y[i * 512 + threadIdx.x] = all[63 - i] * all[i] + all[i / 2];
}

} // extern "C"
