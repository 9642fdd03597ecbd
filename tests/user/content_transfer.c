// SPDX-License-Identifier: MIT
/*
 * content_transfer.c: content.h where pages of the software adapter change their owner
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "content.h"

TEST_MAIN(cases)
