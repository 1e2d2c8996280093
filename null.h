/* Made by weftc 0.1.0 from null.thrift; edit that. */
/*
 * Who owns what: strings are views, and lists and boxed structs are
 * pointers, into the message or the arena that a struct was read with, or
 * into what you put there; they must live as long as the struct is used.
 * Defaults are shared by all and must not be written to.
 *
 * Of every struct X (for arguments and results: the first, and X_desc):
 *   X_init    everything zero, then the defaults of the IDL; a union with a
 *             default begins as that member
 *   X_read    one struct in binary; unknown fields are passed over
 *   X_write   one struct in binary; errors stick in the writer
 *   X_copy    a deep copy that shares nothing with its source
 *   X_equal   equal values, whatever the order in sets and maps
 *   X_hash    a number that equal values share
 *   X_print   one line for people
 *   X_desc    for weft_struct_read and weft_struct_write, in any protocol
 * Of every map: X_get finds the value of a key, or NULL.
 * A bit of `has` says that its field was read, or is to be written if it
 * is optional; X_set_field sets it with its value. Pointers to structs say
 * the same by being there.
 */
#ifndef NULL_THRIFT_H
#define NULL_THRIFT_H

#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
