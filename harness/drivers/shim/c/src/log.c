/* The driver's log, which is stderr. */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

void vs_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("viommuspec: ", stderr);
	vfprintf(stderr, format, arguments);
	fputs(".\n", stderr);
	va_end(arguments);
}
