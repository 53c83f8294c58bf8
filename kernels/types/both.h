#pragma once

/// A function that host and device call.
#ifdef __CUDACC__
#define PONDER_BOTH __host__ __device__
#else
#define PONDER_BOTH
#endif
