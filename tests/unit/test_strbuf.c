/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/strbuf.h"

static void check(struct strbuf *buffer, const char *should)
{
	assert_false(buffer->failed);
	assert_string_equal(buffer->text, should);
	assert_int_equal(buffer->length, strlen(should));
	strbuf_clear(buffer);
}

TEST(add)
{
	struct strbuf b;

	strbuf_init(&b);
	check(&b, "");
	strbuf_add(&b, "");
	strbuf_add_bytes(&b, NULL, 0);
	check(&b, "");
	strbuf_add(&b, "one");
	strbuf_add_char(&b, ' ');
	strbuf_add_bytes(&b, "two!", 3);
	strbuf_addf(&b, " %d%s", 3, "");
	check(&b, "one two 3");
	strbuf_addf(&b, "%s", "");
	check(&b, "");
	strbuf_fini(&b);
	check(&b, "");
	strbuf_fini(&b);
}

TEST(holds_nul)
{
	struct strbuf b;

	strbuf_init(&b);
	strbuf_add_char(&b, '\0');
	strbuf_add_bytes(&b, "a\0b", 3);
	assert_int_equal(b.length, 4);
	assert_memory_equal(b.text, "\0a\0b", 5);
	strbuf_fini(&b);
}

/* Every length across several growths, by each way of adding: the terminator is always there. */
TEST(growth)
{
	struct strbuf b, f;

	strbuf_init(&b);
	strbuf_init(&f);
	for (size_t i = 0; i < 5000; i++) {
		strbuf_add_char(&b, (char)('a' + i % 26));
		strbuf_addf(&f, "%c", (char)('a' + i % 26));
		assert_int_equal(b.length, i + 1);
		assert_int_equal(b.text[i + 1], '\0');
		assert_int_equal(f.text[i + 1], '\0');
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(b.text[i], 'a' + i % 26);
	assert_string_equal(b.text, f.text);
	strbuf_clear(&f);
	strbuf_addf(&f, "%s", b.text);
	assert_string_equal(b.text, f.text);
	strbuf_fini(&b);
	strbuf_fini(&f);
}

TEST(failure_is_sticky)
{
	struct strbuf b;

	strbuf_init(&b);
	strbuf_add(&b, "kept");
	strbuf_add_padded(&b, "!", SIZE_MAX / 2);
	assert_true(b.failed);
	strbuf_add(&b, "lost");
	strbuf_addf(&b, "%d", 1);
	assert_string_equal(b.text, "kept!");
	strbuf_clear(&b);
	strbuf_add(&b, "again");
	check(&b, "again");
	strbuf_fini(&b);
}

static void check_escaped(const char *text, const char *should)
{
	struct strbuf b;

	strbuf_init(&b);
	strbuf_add_escaped(&b, text);
	check(&b, should);
	strbuf_fini(&b);
}

TEST(escaped)
{
	check_escaped("", "");
	check_escaped("plain ~ text", "plain ~ text");
	check_escaped("\x1b[2J\a\n\t\x1f", "\\x1b[2J\\x07\\x0a\\x09\\x1f");
	check_escaped("\x7f", "\\x7f");
	check_escaped("a\\b", "a\\\\b");
	/* C1: CSI as one byte and as UTF-8; U+00A0 is none. */
	check_escaped("\x9b", "\\x9b");
	check_escaped("\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f");
	check_escaped("\xc2\xa0", "\xc2\xa0");
}

/* What is escaped already stays as it is. */
TEST(sentence)
{
	struct strbuf b;

	strbuf_init(&b);
	strbuf_add_sentence(&b, "\\x1b is not \x1b\n\xc2\x9b \xc3\xa4");
	check(&b, "\\x1b is not \\x1b\\x0a\\xc2\\x9b \xc3\xa4");
	strbuf_fini(&b);
}

/* The bounds of Unicode table 3-7, from both sides. */
TEST(escaped_utf8)
{
	static const char *const good[] = {
		"\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",     "\xee\x80\x80",       "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xf3\xbf\xbf\xbf", "gr\xc3\xbc\xc3\x9f",
	};

	for (size_t i = 0; i < LENGTH_OF(good); i++)
		check_escaped(good[i], good[i]);
	check_escaped("\xc0\x80", "\\xc0\\x80");
	check_escaped("\xc1\xbf", "\\xc1\\xbf");
	check_escaped("\xe0\x9f\xbf", "\\xe0\\x9f\\xbf");
	check_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");
	check_escaped("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf");
	check_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	check_escaped("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	check_escaped("\xff", "\\xff");
	/* Cut short: the bytes that follow are judged for themselves. */
	check_escaped("\xc3", "\\xc3");
	check_escaped("\xe2\x82", "\\xe2\\x82");
	check_escaped("\xe2\x82x", "\\xe2\\x82x");
	check_escaped("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
}

TEST(padded)
{
	struct strbuf b;

	strbuf_init(&b);
	strbuf_add_padded(&b, "ab", 5);
	strbuf_add_padded(&b, "cd", 2);
	strbuf_add_padded(&b, "efg", 2);
	strbuf_add_padded(&b, "", 1);
	strbuf_add_padded(&b, "", 0);
	strbuf_add_padded(&b, "h", 2);
	check(&b, "ab   cdefg h ");
	strbuf_fini(&b);
}
