/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over every file of the directories and files given; libFuzzer is not needed. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned replayed;

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat status;

	if (file == NULL || fstat(fileno(file), &status) < 0) {
		perror(path);
		exit(2);
	}
	/* Just as long as the input: a sanitizer sees a read behind it. */
	size_t length = (size_t)status.st_size;
	uint8_t *bytes = malloc(length);
	check(bytes != NULL || length == 0);
	check(fread(bytes, 1, length, file) == length);
	fclose(file);

	printf("%s\n", path);
	fflush(stdout); /* the last name printed is that of the input that failed */
	LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	replayed++;
}

static void replay_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);

	if (count < 0) {
		perror(path);
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		char file[4096];

		snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			replay_file(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat status;

		if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
			replay_directory(argv[i]);
		else
			replay_file(argv[i]);
	}
	printf("%u inputs\n", replayed);
	return replayed > 0 ? 0 : 1;
}
