// SPDX-License-Identifier: MIT
/*
 * content_copy.c: content.h where the software adapter copies what moves, as a GPU does
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=8 aperture_mb=8 drm_limit_mb=8 software_move=copy"
 */
#include "content.h"

TEST_MAIN(cases)
