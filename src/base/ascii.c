/* SPDX-License-Identifier: MIT */
/* ASCII has seven bits. */
#include "base/ascii.h"

bool ascii_only(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 0x7f)
			return false;
	return true;
}
