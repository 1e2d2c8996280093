/* SPDX-License-Identifier: MIT */
/* Writes the header, which is a table of contents of the file's types. */
#include "emit/put.h"

/* ---- the lines around the declarations ---- */

static void
put_banner(struct wc_emit *e)
{
    wc_put(e, "/* Made by weftc " WC_VERSION " from %s.thrift; edit that. */\n",
           e->file->stem);
    wc_put_doc(e, 0, e->file->doc);
}

static const char rules[] =
    "/*\n"
    " * Owner: a struct that was read points into the message and into the "
    "arena of\n"
    " * the reader: its strings, its lists, and structs behind pointers. In a "
    "struct\n"
    " * that you fill, these point to what you assign. This memory must live "
    "as long\n"
    " * as the struct is used. Defaults are shared and must not be written "
    "to.\n"
    " *\n"
    " * Every struct X has these (structs of arguments and results have only\n"
    " * X_init, X_defaults and X_desc):\n"
    " *   void X_init(struct X *x)      set everything to zero, and then to "
    "the\n"
    " *                                 defaults of the IDL; a union with a "
    "default\n"
    " *                                 starts with that member\n"
    " *   struct X X_defaults(void)     what X_init sets, as a value\n"
    " *   weft_err X_read(struct weft_reader *r, struct X *x)\n"
    " *                                 read one struct in binary\n"
    " *   void X_write(struct weft_writer *w, const struct X *x)\n"
    " *                                 write one struct in binary; w keeps "
    "the\n"
    " *                                 first error\n"
    " *   weft_err X_copy(struct weft_arena *arena, struct X *to,\n"
    " *                   const struct X *from)\n"
    " *                                 make a deep copy, which shares "
    "nothing\n"
    " *   bool X_equal(const struct X *a, const struct X *b)\n"
    " *                                 the order in sets and maps does not "
    "count\n"
    " *   uint64_t X_hash(const struct X *x)\n"
    " *                                 equal structs have equal hashes\n"
    " *   void X_print(FILE *out, const struct X *x)\n"
    " *                                 print one line for people\n"
    " *   X_desc                        the descriptor, for weft_struct_read "
    "and\n"
    " *                                 others, in any protocol\n"
    " * Every map X has X_get, which finds the value of a key, or returns "
    "NULL.\n"
    " * A bit of `has` is 1 if its field was read. Set it to write an optional "
    "field:\n"
    " * X_set_field sets the field and the bit. A pointer to a struct is NULL "
    "if the\n"
    " * struct is absent.\n";
static const char service_rules[] =
    " * Every function F of a service X, inherited ones too, has a call with "
    "the\n"
    " * structs of its arguments and its result (a oneway function has no "
    "result):\n"
    " *   weft_err F(struct weft_client *client, struct weft_arena *arena,\n"
    " *              const struct F_args *args, struct F_result *result,\n"
    " *              const struct weft_call_options *options)\n"
    " *                                 see weft_client_call\n"
    " *   void F_begin(client, arena, args, result, options,\n"
    " *                struct weft_pending *pending)\n"
    " *                                 begin a call, for weft_await\n"
    " * A function without exceptions and with at most four arguments, none of "
    "them\n"
    " * optional, has a plain form, too. It takes the arguments one by one, "
    "and\n"
    " * stores the result without a struct around it:\n"
    " *   weft_err PREFIX_function(client, arena, argument..., &result, "
    "options)\n"
    " *                                 or X_function_call; the declaration "
    "shows\n"
    " *                                 which name it has\n"
    " * Every service X has:\n"
    " *   weft_err X_register(struct weft_server *server, const char *name,\n"
    " *                       const struct X_service *table, void *user)\n"
    " *                                 serve a table of handlers; a call of a "
    "NULL\n"
    " *                                 entry gets the error \"unknown "
    "method\"; table\n"
    " *                                 and user must live as long as the "
    "server\n"
    " *   weft_err X_serve(const char *address, const struct X_service "
    "*table,\n"
    " *                  void *user)\n"
    " *                                 serve only this service until SIGTERM "
    "or\n"
    " *                                 SIGINT\n";

static bool
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Write the name of the include guard. Different files have different guards,
 * even if separate runs write the files. A name without upper-case letters is
 * written in upper case and ends in _THRIFT_H. A name with upper-case letters
 * is kept and ends in _Thrift_h. A byte that an identifier cannot have becomes
 * `_`, and its offset and its value in hex are added at the end. */
static void
put_guard_name(struct wc_emit *e)
{
    const char *name = e->file->output;
    bool is_kept = false, is_odd = !is_letter(*name);
    for (const char *p = name; *p; p++)
        is_kept |= is_upper(*p);
    if (is_odd) /* C reserves names that begin with `_` */
        wc_put(e, "N");
    for (const char *p = name; *p; p++) {
        char c = is_letter(*p) || is_digit(*p) ? *p : '_';
        wc_put(e, "%c", is_letter(c) && !is_kept ? c & ~0x20 : c);
    }
    wc_put(e, is_kept ? "_Thrift_h" : "_THRIFT_H");
    if (is_odd)
        wc_put(e, "_n");
    for (const char *p = name; *p; p++) {
        if (!is_letter(*p) && !is_digit(*p) && *p != '_')
            wc_put(e, "_%ux%02x", (unsigned)(p - name), (unsigned)(uint8_t)*p);
    }
}

static bool
has_services(const struct wc_file *file)
{
    for (const struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            return true;
    }
    return false;
}

static void
put_opening(struct wc_emit *e)
{
    wc_put(e, "#ifndef ");
    put_guard_name(e);
    wc_put(e, "\n#define ");
    put_guard_name(e);
    wc_put(e, "\n\n#include <weft/codec.h>\n");
    if (has_services(e->file))
        wc_put(e, "#include <weft/rpc.h>\n");
    const char *blank = "\n";
    for (const struct wc_include *i = e->file->includes; i; i = i->next) {
        if (i->file != NULL)
            wc_put(e, "%s#include \"%s.h\"\n", blank, i->file->output);
        blank = "";
    }
    wc_put(e, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
}

/* ---- the whole header ---- */

static void
put_records(struct wc_emit *e)
{
    for (struct wc_def *d = e->file->first_record; d; d = d->record.after) {
        wc_put_struct(e, d);
        wc_put(e, "\n");
        wc_put_prototypes(e, d);
    }
}

static void
put_each(struct wc_emit *e, enum wc_def_kind kind,
         void (*put)(struct wc_emit *, const struct wc_def *))
{
    for (struct wc_def *def = e->file->defs; def; def = def->next) {
        if (def->kind == kind)
            put(e, def);
    }
}

/* Write the header. The table of a service needs the argument structs of its
 * ancestors, and the IDL may define the ancestors after the service, so all
 * functions are written before all tables. */
void
wc_emit_header(struct wc *c, struct wc_file *file, struct wc_text *out)
{
    struct wc_emit e = {.c = c, .file = file, .out = out};
    put_banner(&e);
    wc_put(&e, "%s%s */\n", rules, has_services(file) ? service_rules : "");
    put_opening(&e);
    put_each(&e, WC_ENUM, wc_put_enum);
    wc_put_containers(&e);
    put_records(&e);
    wc_put_items(&e);
    put_each(&e, WC_CONST, wc_put_const_declaration);
    put_each(&e, WC_SERVICE, wc_put_functions);
    put_each(&e, WC_SERVICE, wc_put_service_type);
    wc_put(&e, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}
