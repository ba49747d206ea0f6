/* The contract's two streams: one command a line in, one TAP point with a YAML block out. */
#include "agent.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);
		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
}

/* One line without its newline; a line that is too long loses its end and is refused by the verbs as it comes. */
static bool read_line(int fd, char *line)
{
	static char chunk[1024];
	static size_t chunk_used, chunk_length;
	size_t length = 0;

	for (;;) {
		if (chunk_used == chunk_length) {
			ssize_t got = read(fd, chunk, sizeof chunk);
			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0)
				return false;
			chunk_length = (size_t)got;
			chunk_used = 0;
		}
		char byte = chunk[chunk_used++];
		if (byte == '\n')
			break;
		if (length < MAX_COMMAND_BYTES - 1)
			line[length++] = byte;
	}
	line[length] = '\0';
	return true;
}

bool read_command(int fd, struct command *command)
{
	static char line[MAX_COMMAND_BYTES];

	if (!read_line(fd, line))
		return false;
	char *rest = NULL;
	const char *verb = strtok_r(line, " \r", &rest);
	command->verb = verb == NULL ? "" : verb;
	command->argument_count = 0;
	for (char *word; command->argument_count < MAX_ARGUMENTS && (word = strtok_r(NULL, " \r", &rest)) != NULL;) {
		char *equals = strchr(word, '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		command->arguments[command->argument_count].key = word;
		command->arguments[command->argument_count].value = equals + 1;
		command->argument_count++;
	}
	return true;
}

void write_header(int fd)
{
	static const char header[] = "TAP version 14\n";

	write_all(fd, header, sizeof header - 1);
}

/* Double quotes, backslashes and control characters would end the quoted scalar or the line. */
static void quote(char *out, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text != '\0' && used + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			out[used++] = '\\';
		out[used++] = *text < ' ' || *text > '~' ? ' ' : *text;
	}
	out[used] = '\0';
}

static unsigned long points;

void write_plan(int fd)
{
	char text[64];
	int length = snprintf(text, sizeof text, "1..%lu\n", points);

	write_all(fd, text, (size_t)length);
	tcdrain(fd);
}

void write_answer(int fd, const struct command *command, const struct answer *answer)
{
	static char text[MAX_VALUE_BYTES + 2048];
	char verb[MAX_NAME_BYTES], reason[sizeof answer->reason * 2];
	bool ok = answer->outcome != OUTCOME_NOT_OK;
	bool skipped = answer->outcome == OUTCOME_SKIP;
	int used;

	snprintf(verb, sizeof verb, "%s", command->verb);
	used = snprintf(text, sizeof text, "%s %lu - %s%s%s\n  ---\n", ok ? "ok" : "not ok", ++points, verb,
			skipped ? " # SKIP " : "", skipped ? answer->reason : "");
	if (!ok) {
		quote(reason, sizeof reason, answer->reason);
		used += snprintf(text + used, sizeof text - (size_t)used, "  error: \"%s\"\n", reason);
	}
	used += snprintf(text + used, sizeof text - (size_t)used, "%.*s  ...\n", (int)answer->values_used,
			 answer->values);
	write_all(fd, text, (size_t)used);
}

void refuse(struct answer *answer, const char *sentence, ...)
{
	va_list arguments;

	va_start(arguments, sentence);
	vsnprintf(answer->reason, sizeof answer->reason, sentence, arguments);
	va_end(arguments);
	answer->outcome = OUTCOME_NOT_OK;
}

void skip(struct answer *answer, const char *sentence, ...)
{
	va_list arguments;

	va_start(arguments, sentence);
	vsnprintf(answer->reason, sizeof answer->reason, sentence, arguments);
	va_end(arguments);
	answer->outcome = OUTCOME_SKIP;
}

void add_value(struct answer *answer, const char *text, ...)
{
	size_t room = sizeof answer->values - answer->values_used;
	va_list arguments;

	va_start(arguments, text);
	int length = vsnprintf(answer->values + answer->values_used, room, text, arguments);
	va_end(arguments);
	if (length > 0 && (size_t)length < room)
		answer->values_used += (size_t)length;
}

const char *optional_text(const struct command *command, const char *key)
{
	for (int index = 0; index < command->argument_count; index++)
		if (strcmp(command->arguments[index].key, key) == 0)
			return command->arguments[index].value;
	return NULL;
}

bool text_argument(const struct command *command, struct answer *answer, const char *key, const char **text)
{
	*text = optional_text(command, key);
	if (*text == NULL || **text == '\0') {
		refuse(answer, "the argument %s is missing", key);
		return false;
	}
	return true;
}

bool number_argument(const struct command *command, struct answer *answer, const char *key, uint64_t *number)
{
	const char *text;
	char *end;

	if (!text_argument(command, answer, key, &text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	if (errno != 0 || *end != '\0' || *text == '-') {
		refuse(answer, "the argument %s is no 64-bit number", key);
		return false;
	}
	return true;
}
