# SPDX-License-Identifier: MIT
# Libraries of the vdxg command, as pkg-config names them; read by the Makefile.
VDXG_LIBS := libdrm json-c
