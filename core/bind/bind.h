/* bind.h - what the Lua bindings of the core share: handles, errors, conversions.
 *
 * A Module userdata owns an aot_module; Graph, Node, Value and Entry are handles, an id and the
 * Module that keeps them alive. Nothing that needs releasing is held by C while Lua may raise:
 * temporary memory is anchored on the Lua stack (bind_room) or closed by it (bind_scratch). */
#ifndef AOT_BIND_BIND_H
#define AOT_BIND_BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "core/ir/graph.h"

/* Openers of the preloaded modules. */
int luaopen_aot_data(lua_State *L);
int luaopen_aot_emit(lua_State *L);
int luaopen_aot_ir(lua_State *L);
int luaopen_aot_json(lua_State *L);
int luaopen_aot_kernel(lua_State *L);
int luaopen_aot_plan(lua_State *L);
int luaopen_aot_program(lua_State *L);
int luaopen_aot_system(lua_State *L);

/* --- object.c: classes, errors, temporary memory --- */

typedef struct bind_class {
    const char *name;        /* as in messages: "Node" */
    const luaL_Reg *methods; /* called as object:method(...) */
    const luaL_Reg *fields;  /* called with the object at 1, push one value; may be NULL */
    const luaL_Reg *meta;    /* __gc and the like; may be NULL */
} bind_class;

/* Makes the metatable of a class. An unknown field of an object is an error. */
void bind_class_new(lua_State *L, const bind_class *class);

/* Raises the error's message, if not ok. */
void bind_check(lua_State *L, bool ok, const aot_error *err);

/* `count` elements of `size` bytes, zeroed, alive as long as they stay on the stack (pushes 1). */
void *bind_room(lua_State *L, size_t count, size_t size);

/* An arena that is freed when the calling C function returns or raises (pushes 1). */
aot_arena *bind_scratch(lua_State *L);

/* Tells the collector of `bytes` outside its sight, held by objects it can free: many of them
 * make it collect, or tensors that nobody needs any more would fill the memory. */
void bind_charge(lua_State *L, size_t bytes);

/* Raises if the table at `index` has a field that is not in the NULL-terminated list `known`. */
void bind_check_fields(lua_State *L, int index, const char *what, const char *const *known);

/* Integers of arguments in [low, high]; `what` names them in the message. */
int64_t bind_check_range(lua_State *L, int index, const char *what, int64_t low, int64_t high);

/* A string without NULs at `index`, or raises. */
const char *bind_check_name(lua_State *L, int index, const char *what);

/* --- handle.c: modules and handles --- */

typedef struct bind_cursor bind_cursor;

typedef struct bind_module {
    aot_module *module;   /* NULL once collected */
    bind_cursor *cursors; /* running iterators */
    char keys[4];         /* their addresses are registry keys of the caches, by bind_kind */
} bind_module;

typedef enum bind_kind { BIND_GRAPH, BIND_NODE, BIND_VALUE, BIND_ENTRY } bind_kind;

typedef struct bind_handle {
    bind_module *owner;
    aot_id id;
} bind_handle;

/* Pushes a new Module that owns nothing yet. */
bind_module *bind_push_module(lua_State *L);
/* Pushes the Module userdata of `owner`. */
void bind_push_owner(lua_State *L, bind_module *owner);
bind_module *bind_check_module(lua_State *L, int index);

/* Pushes the handle of `id`, always the same one as long as it lives; nil for id 0. */
void bind_push_handle(lua_State *L, bind_module *owner, bind_kind kind, aot_id id);
bool bind_is_handle(lua_State *L, int index, bind_kind kind);
bind_handle *bind_to_handle(lua_State *L, int index, bind_kind kind);

/* The live thing behind the handle at `index`; raises if it is of another kind or was removed. */
const aot_graph *bind_check_graph(lua_State *L, int index, bind_module **owner);
const aot_node *bind_check_node(lua_State *L, int index, bind_module **owner);
const aot_value *bind_check_value(lua_State *L, int index, bind_module **owner);

/* The id of the graph, node or value at `index`, which must live and belong to `owner`. */
aot_id bind_check_own(lua_State *L, int index, bind_kind kind, const bind_module *owner);

/* The ids of a list of Values of `owner` (pushes 1); `false` gives 0 where `absent` allows it. */
aot_id *bind_check_values(lua_State *L, int index, const bind_module *owner, bool absent,
                          size_t *count);

/* Pushes a list of handles. */
void bind_push_handles(lua_State *L, bind_module *owner, bind_kind kind, const aot_id *ids,
                       size_t count);

/* --- cursor.c: iterators that survive edits --- */

/* Pushes what a generic `for` needs to walk the graph at index 1. */
int bind_push_walk(lua_State *L, bool backward);
/* Notes where iterators stand once `nodes` have left their places; commit after the edit. */
void bind_cursors_prepare(bind_module *owner, const aot_id *nodes, size_t count);
void bind_cursors_commit(bind_module *owner);

/* --- types.c, attrs.c: conversions --- */

/* Reads a type table. `owner`: whose constants it may refer to; NULL: any one module's, which
 * *found (if not NULL) then names. `open`: the shape may be missing (rank -1). */
void bind_check_type(lua_State *L, int index, const bind_module *owner, bool open,
                     bind_module **found, aot_type *out);
void bind_push_type(lua_State *L, bind_module *owner, const aot_type *type);
/* Reads a list of integers in [low, high] of at most AOT_MAX_RANK entries. */
int32_t bind_check_dims(lua_State *L, int index, const char *what, int32_t low, int32_t high,
                        int32_t out[AOT_MAX_RANK]);

/* Reads an attribute value; leaves anchors of its memory on the stack. */
void bind_check_attr(lua_State *L, int index, const char *what, aot_attr *out);
/* Reads a dict of attributes, or nothing (an empty dict). */
void bind_check_attrs(lua_State *L, int index, const char *what, aot_attr *out);
void bind_push_attr(lua_State *L, const aot_attr *attr);
int bind_ref(lua_State *L); /* ir.ref */

/* --- tensor.c, data.c: bytes --- */

typedef struct bind_tensor { /* user value 1: the Module its type refers to, or nil */
    aot_tensor tensor;
    bind_module *owner; /* or NULL */
} bind_tensor;

typedef struct bind_view {
    aot_block *block;
    size_t offset, length;
} bind_view;

/* Pushes an empty Tensor, to be filled (its block is released when it is collected). */
bind_tensor *bind_push_tensor(lua_State *L, bind_module *owner);
bind_tensor *bind_check_tensor(lua_State *L, int index);
/* Makes `tensor` a fresh, zeroed one, or raises. */
void bind_tensor_make(lua_State *L, bind_tensor *tensor, const aot_type *type);
/* The Module whose constants the tensor's type names, or NULL. */
bind_module *bind_tensor_owner(const bind_tensor *tensor);
int bind_tensor_new(lua_State *L);     /* ir.tensor */
int bind_tensor_compare(lua_State *L); /* t:compare, compare.c */
void bind_tensor_open(lua_State *L);   /* makes the class */

/* The tensors of the list at `index`, `count` of them (pushes 1). They are views: not retained. */
aot_tensor *bind_check_tensors(lua_State *L, int index, const char *what, size_t *count);

/* Pushes a View that retains `block`. */
void bind_push_view(lua_State *L, aot_block *block, size_t offset, size_t length);
bind_view *bind_check_view(lua_State *L, int index);
void bind_view_open(lua_State *L);

/* --- file.c --- */

/* One piece of a file's content; `zeros` bytes of padding come first. */
typedef struct bind_piece {
    size_t zeros;
    const void *bytes;
    size_t length;
} bind_piece;

/* Writes a whole file in place: for names that nobody reads yet. Follows no link; a file that
 * cannot be written whole is removed. */
bool bind_put_file(const char *path, const bind_piece *pieces, size_t count, aot_error *err);

/* The same in three steps. Creating gives -1 where it fails; appending leaves the reason in errno,
 * which finishing is told (0: all was written): it closes the file, and removes it if there is one. */
int bind_create_file(const char *path, aot_error *err);
bool bind_append_file(int file, const bind_piece *pieces, size_t count);
bool bind_finish_file(int file, const char *path, int reason, aot_error *err);

/* A whole file through a temporary name beside it and a rename. */
bool bind_write_file(const char *path, const bind_piece *pieces, size_t count, aot_error *err);

/* --- classes of the graph, and functions of aot.ir --- */
void bind_module_open(lua_State *L);
void bind_graph_open(lua_State *L);
void bind_node_open(lua_State *L);
void bind_value_open(lua_State *L);
void bind_entry_open(lua_State *L);
int bind_module_new(lua_State *L); /* ir.module */
int bind_apply(lua_State *L);      /* ir.apply, eval.c */
int bind_graph_eval(lua_State *L); /* g:eval, eval.c */

/* What g:append and g:rewrite take, spec.c. Memory is anchored on the stack. */
typedef struct bind_spec {
    aot_node_spec spec;
    aot_attr attrs;
} bind_spec;

/* Reads the table at `index` for a node of `owner`, inferring types where none are given. */
void bind_check_spec(lua_State *L, int index, bind_module *owner, const char *what,
                     const char *const *known, bind_spec *out);

#endif
