/* Words of commands, and of the machine file, which has the same grammar. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vs_command_read(struct vs_command *command, char *line)
{
	char *rest = NULL;
	char *word = strtok_r(line, " \r\n", &rest);

	*command = (struct vs_command){ .verb = word == NULL ? "" : word };
	while ((word = strtok_r(NULL, " \r\n", &rest)) != NULL && command->count < VS_WORDS_MAX) {
		char *equals = strchr(word, '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		command->keys[command->count] = word;
		command->values[command->count++] = equals + 1;
	}
}

const char *vs_command_word(const struct vs_command *command, const char *key)
{
	for (size_t index = 0; index < command->count; index++)
		if (strcmp(command->keys[index], key) == 0)
			return command->values[index];
	return NULL;
}

bool vs_command_number(const struct vs_command *command, const char *key, uint64_t *value)
{
	const char *text = vs_command_word(command, key);
	char *end = NULL;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return false;
	bool is_hex = text[0] == '0' && text[1] == 'x';
	errno = 0;
	*value = strtoull(text, &end, is_hex ? 16 : 10);
	return errno == 0 && *end == '\0';
}
