/* Expat reads, a stack of open elements keeps what came. An element becomes a value when it ends.
 */
#include "aws/xml.h"

#include "base/buffer.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#define DEPTH_LIMIT   64
#define ELEMENT_LIMIT 1000
#define TEXT_LIMIT    (1024u * 1024)

struct element {
    const char *name;
    struct buffer text;
    const struct value *children; /* a map; null while there are none */
};

struct reader {
    struct arena *arena;
    XML_Parser parser;
    struct element open[DEPTH_LIMIT + 1]; /* the first holds the root */
    int depth, elements;
};

static void refuse(struct reader *r)
{
    XML_StopParser(r->parser, XML_FALSE);
}

static void element_begins(void *context, const char *name, const char **attributes)
{
    (void)attributes;
    struct reader *r = context;
    if (r->depth == DEPTH_LIMIT || ++r->elements > ELEMENT_LIMIT) {
        refuse(r);
        return;
    }
    const char *colon = strrchr(name, ':');
    r->open[++r->depth] = (struct element){
        .name = arena_text(r->arena, colon ? colon + 1 : name),
        .text = {.arena = r->arena, .limit = TEXT_LIMIT},
        .children = &value_null,
    };
}

static const struct value *appended(struct arena *a, const struct value *known,
                                    const struct value *next)
{
    size_t count = known->kind == VALUE_LIST ? value_count(known) : 1;
    const struct value **items = arena_array(a, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = known->kind == VALUE_LIST ? value_item(known, i) : known;
    items[count] = next;
    return value_list(a, items, count + 1);
}

static void element_ends(void *context, const char *name)
{
    (void)name;
    struct reader *r = context;
    struct element *done = &r->open[r->depth--], *parent = &r->open[r->depth];
    const struct value *v = value_is_null(done->children)
                                ? value_string(r->arena, buffer_text(&done->text))
                                : done->children;
    const struct value *known = value_member(parent->children, done->name);
    if (!value_is_null(known))
        v = appended(r->arena, known, v);
    parent->children = value_with(r->arena, parent->children, done->name, v);
}

static void text_comes(void *context, const char *text, int size)
{
    struct reader *r = context;
    if (!buffer_add(&r->open[r->depth].text, text, (size_t)size))
        refuse(r);
}

static void document_type_comes(void *context, const char *name, const char *system_id,
                                const char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(context);
}

static void free_parser(void *parser)
{
    XML_ParserFree(parser);
}

const struct value *xml_parse(struct arena *a, const char *text, size_t size)
{
    struct arena handles = {0};
    struct reader *r = arena_alloc(a, sizeof *r);
    *r = (struct reader){.arena = a, .parser = XML_ParserCreate(NULL)};
    arena_defer(&handles, free_parser, r->parser);
    r->open[0].children = &value_null;

    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, element_begins, element_ends);
    XML_SetCharacterDataHandler(r->parser, text_comes);
    XML_SetStartDoctypeDeclHandler(r->parser, document_type_comes);
    bool read = size <= INT_MAX && XML_Parse(r->parser, text, (int)size, XML_TRUE) == XML_STATUS_OK;
    arena_reset(&handles);
    return read ? r->open[0].children : NULL;
}
