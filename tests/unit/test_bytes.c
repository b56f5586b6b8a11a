/* SPDX-License-Identifier: MIT */
/* Bounded access: what is there is read and written in network order, what is not fails for good. */
#include "unit.h"

#include "base/bytes.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x83, 0x04, 0x05, 0x86, 0x07};

TEST(read)
{
	struct reader reader = reader_of(bytes, sizeof(bytes));

	assert_int_equal(reader_left(&reader), 7);
	assert_int_equal(reader_u8(&reader), 0x01);
	assert_int_equal(reader_u16(&reader), 0x0283);
	assert_int_equal(reader_u32(&reader), 0x04058607);
	assert_int_equal(reader_left(&reader), 0);
	assert_false(reader.failed);
	assert_int_equal(reader_u8(&reader), 0);
	assert_true(reader.failed);
}

/* Three bytes hold no 32 bits; afterwards not even one byte is given. */
TEST(read_past_end)
{
	struct reader reader = reader_of(bytes, 3);

	assert_int_equal(reader_u32(&reader), 0);
	assert_true(reader.failed);
	assert_int_equal(reader_u8(&reader), 0);
	assert_int_equal(reader_u16(&reader), 0);
	assert_int_equal(reader_left(&reader), 0);
	assert_null(reader_take(&reader, 0));
}

TEST(take)
{
	struct reader reader = reader_of(bytes, 5);

	assert_ptr_equal(reader_take(&reader, 2), bytes);
	assert_ptr_equal(reader_take(&reader, 0), bytes + 2);
	assert_ptr_equal(reader_take(&reader, 3), bytes + 2);
	assert_false(reader.failed);
	assert_null(reader_take(&reader, 1));
	assert_true(reader.failed);
	reader = reader_of(bytes, 5);
	assert_null(reader_take(&reader, SIZE_MAX));
	assert_true(reader.failed);
}

TEST(nothing)
{
	struct reader reader = reader_of(NULL, 0);
	struct writer writer = writer_of(NULL, 0);

	assert_int_equal(reader_left(&reader), 0);
	assert_int_equal(reader_u16(&reader), 0);
	assert_true(reader.failed);
	writer_bytes(&writer, NULL, 0);
	writer_fill(&writer, 1, 0);
	assert_false(writer.failed);
	writer_u8(&writer, 1);
	assert_true(writer.failed);
	assert_int_equal(writer_length(&writer), 0);
}

TEST(write)
{
	uint8_t room[12];
	const uint8_t should[12] = {0x01, 0x02, 0x83, 0x04, 0x05, 0x86, 0x07, 'a', 'b', 9, 9, 9};
	struct writer writer = writer_of(room, sizeof(room));

	writer_u8(&writer, 0x01);
	writer_u16(&writer, 0x0283);
	writer_u32(&writer, 0x04058607);
	writer_bytes(&writer, "ab", 2);
	writer_fill(&writer, 9, 3);
	assert_false(writer.failed);
	assert_int_equal(writer_length(&writer), 12);
	assert_memory_equal(room, should, sizeof(should));
}

TEST(write_past_end)
{
	uint8_t room[4] = {7, 7, 7, 7};
	const uint8_t should[4] = {1, 7, 7, 7};
	struct writer writer = writer_of(room, 3);

	writer_u8(&writer, 1);
	writer_u32(&writer, 0xffffffff);
	assert_true(writer.failed);
	writer_u8(&writer, 2);
	writer_bytes(&writer, "x", 1);
	writer_fill(&writer, 3, 1);
	assert_int_equal(writer_length(&writer), 1);
	assert_memory_equal(room, should, sizeof(should));
}

TEST(options)
{
	static const uint8_t list[] = {1, 2, 4, 5, 180, 4, 2, 0, 3, 3, 7};
	static const uint8_t longer[] = {8, 10, 1, 2}, shorter[] = {3, 1, 7}, bare[] = {5};
	struct reader reader = reader_of(list, sizeof list);
	struct option option;

	assert_true(reader_option(&reader, &option) && option.type == 1 && option.length == 0 && !option.cut);
	assert_true(reader_option(&reader, &option) && option.type == 2 && option.length == 4 &&
		    option.bytes == list + 1);
	assert_int_equal(reader_u16(&option.body), 1460);
	assert_true(reader_option(&reader, &option) && option.type == 4 && option.length == 2 && !option.cut);
	assert_int_equal(reader_left(&option.body), 0);
	assert_true(reader_option(&reader, &option) && option.type == 0 && !option.cut);
	assert_false(reader_option(&reader, &option)); /* nothing counts behind the end */
	reader = reader_of(longer, sizeof longer);
	assert_true(reader_option(&reader, &option) && option.cut && option.length == 10);
	assert_false(reader_option(&reader, &option));
	reader = reader_of(shorter, sizeof shorter);
	assert_true(reader_option(&reader, &option) && option.cut && option.length == 1);
	assert_false(reader_option(&reader, &option));
	reader = reader_of(bare, sizeof bare);
	assert_true(reader_option(&reader, &option) && option.cut && option.length == 0);
	assert_false(reader_option(&reader, &option));
}
