/* spin: | pan: -DSAFETY -DCOLLAPSE -m1000000 */
/* broken: NO_RETRY NO_SECOND_LOOK EARLY_COMMIT NO_NOTICE KEEP_SEARCHING COUNT_LATE */
/*
 * As park.pml, with two wakers that race for one fiber. (Three workers with two
 * wakers have 50 million states; that was verified by hand.)
 */
#define WORKERS 2
#define RINGERS 2
#include "park.pml"
