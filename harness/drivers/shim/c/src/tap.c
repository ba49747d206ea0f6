/* Answers: a TAP 14 stream in which every point has a YAML block. */
#include "internal.h"

#include <stdio.h>

static unsigned answered;

/* Double quotes and backslashes would end the text, and other bytes than printable ASCII are not for a protocol. */
static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text >= ' ' && *text <= '~' ? *text : '?');
	}
	putchar('"');
}

static void print_entry(const char *key, const char *value)
{
	printf("  %s: ", key);
	print_quoted(value);
	putchar('\n');
}

static void begin_point(bool ok, const char *verb)
{
	printf("%s %u - %s", ok ? "ok" : "not ok", ++answered, verb);
}

static void begin_block(void)
{
	fputs("\n  ---\n", stdout);
}

/* A pipe is flushed by nobody else. */
static void end_block(void)
{
	fputs("  ...\n", stdout);
	fflush(stdout);
}

void vs_tap_begin(void)
{
	puts("TAP version 14");
	fflush(stdout);
}

void vs_tap_ok(const char *verb, const char *key, const char *value)
{
	begin_point(true, verb);
	begin_block();
	if (key != NULL)
		print_entry(key, value);
	end_block();
}

void vs_tap_list(const char *verb, const char *key, const struct vs_list *list)
{
	begin_point(true, verb);
	begin_block();
	if (list->count > 0)
		printf("  %s:\n", key);
	for (size_t index = 0; index < list->count; index++) {
		fputs("    - ", stdout);
		print_quoted(list->lines[index]);
		putchar('\n');
	}
	end_block();
}

void vs_tap_refuse(const char *verb, const char *sentence)
{
	begin_point(false, verb);
	begin_block();
	print_entry("error", sentence);
	end_block();
}

void vs_tap_skip(const char *verb, const char *reason)
{
	begin_point(true, verb);
	printf(" # SKIP %s", reason);
	begin_block();
	end_block();
}

void vs_tap_end(void)
{
	printf("1..%u\n", answered);
	fflush(stdout);
}
