/* module.c - Modules: constants, states, pools, symbols and graphs. */
#include "core/bind/bind.h"

#include "core/op/op.h"

int bind_module_new(lua_State *L)
{
    static const char *const known[] = { "budget", NULL };
    aot_error err = { 0 };
    const char *name = bind_check_name(L, 1, "the module's name");
    size_t budget = 0;
    if (!lua_isnoneornil(L, 2)) {
        bind_check_fields(L, 2, "ir.module", known);
        if (lua_getfield(L, 2, "budget") != LUA_TNIL)
            budget = (size_t)bind_check_range(L, -1, "budget", 0, INT64_MAX);
        lua_pop(L, 1);
    }
    bind_module *owner = bind_push_module(L);
    owner->module = aot_module_new(name, budget, &err);
    bind_check(L, owner->module != NULL, &err);
    return 1;
}

static int module_gc(lua_State *L)
{
    bind_module *owner = luaL_checkudata(L, 1, "Module");
    aot_module_free(owner->module);
    owner->module = NULL;
    for (int kind = BIND_GRAPH; kind <= BIND_ENTRY; kind++) {
        lua_pushnil(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &owner->keys[kind]);
    }
    return 0;
}

static int module_get(lua_State *L)
{
    const bind_module *owner = bind_check_module(L, 1);
    const aot_attr *value = aot_attr_get(aot_module_attrs(owner->module),
                                         bind_check_name(L, 2, "the attribute's name"));
    if (value == NULL)
        lua_pushnil(L);
    else
        bind_push_attr(L, value);
    return 1;
}

static int module_set(lua_State *L)
{
    aot_error err = { 0 };
    aot_attr value;
    bool remove = lua_isnoneornil(L, 3);
    const bind_module *owner = bind_check_module(L, 1);
    const char *key = bind_check_name(L, 2, "the attribute's name");
    if (!remove)
        bind_check_attr(L, 3, key, &value);
    bind_check(L, aot_module_set(owner->module, key, remove ? NULL : &value, &err), &err);
    return 0;
}

/* --- makers --- */

/* The field `name` of the table at 2, a string or "" (which gives a name of the core's). */
static const char *name_field(lua_State *L)
{
    const char *name = "";
    if (lua_getfield(L, 2, "name") != LUA_TNIL)
        name = bind_check_name(L, -1, "name");
    return name; /* kept alive by the table */
}

/* The Tensor in field `data` and the type: the field's, or the Tensor's. */
static const aot_tensor *data_field(lua_State *L, bind_module *owner, aot_type *type)
{
    lua_getfield(L, 2, "data");
    const bind_tensor *tensor = bind_check_tensor(L, -1);
    *type = tensor->tensor.type;
    if (lua_getfield(L, 2, "type") != LUA_TNIL)
        bind_check_type(L, -1, owner, false, NULL, type);
    else if (bind_tensor_owner(tensor) != NULL && bind_tensor_owner(tensor) != owner)
        luaL_error(L, "the tensor's type refers to another Module: give a type");
    return &tensor->tensor;
}

static aot_id new_expression(lua_State *L, bind_module *owner, const char *name)
{
    aot_error err = { 0 };
    aot_op op;
    lua_getfield(L, 2, "op");
    const char *word = bind_check_name(L, -1, "op");
    if (!aot_op_parse(word, &op))
        luaL_error(L, "there is no op '%s'", word);
    lua_getfield(L, 2, "source");
    aot_id source = bind_check_own(L, -1, BIND_VALUE, owner);
    const aot_value *from = aot_module_value(owner->module, source);
    if (from == NULL || from->kind != AOT_VALUE_CONST)
        return (aot_id)luaL_error(L, "source is no constant of the module");
    aot_attr attrs;
    lua_getfield(L, 2, "attrs");
    bind_check_attrs(L, lua_gettop(L), "attrs", &attrs);
    aot_type type;
    if (lua_getfield(L, 2, "type") != LUA_TNIL) {
        bind_check_type(L, -1, owner, false, NULL, &type);
    } else {
        const aot_type *types[] = { from->type };
        aot_apply apply = {
            .module = owner->module, .op = op, .input_count = 1, .types = types, .attrs = &attrs
        };
        bind_check(L, aot_infer(&apply, &type, &err), &err);
    }
    aot_id id =
        aot_module_const_expression(owner->module, name, &type, op, source, &attrs, &err);
    bind_check(L, id != 0, &err);
    return id;
}

static int module_const(lua_State *L)
{
    static const char *const known[] = {
        "name", "data", "type", "op", "source", "attrs", NULL
    };
    aot_error err = { 0 };
    bind_module *owner = bind_check_module(L, 1);
    bind_check_fields(L, 2, "m:const", known);
    const char *name = name_field(L);
    aot_id id;
    if (lua_getfield(L, 2, "op") != LUA_TNIL) {
        id = new_expression(L, owner, name);
    } else {
        aot_type type;
        const aot_tensor *tensor = data_field(L, owner, &type);
        id = aot_module_const(owner->module, name, &type, tensor, &err);
        bind_check(L, id != 0, &err);
    }
    bind_push_handle(L, owner, BIND_VALUE, id);
    return 1;
}

static int module_state(lua_State *L)
{
    static const char *const known[] = { "name", "data", "type", NULL };
    aot_error err = { 0 };
    bind_module *owner = bind_check_module(L, 1);
    bind_check_fields(L, 2, "m:state", known);
    const char *name = name_field(L);
    aot_type type;
    const aot_tensor *tensor = data_field(L, owner, &type);
    aot_id id = aot_module_state(owner->module, name, &type, tensor, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_VALUE, id);
    return 1;
}

static int module_pool(lua_State *L)
{
    aot_error err = { 0 };
    aot_attr attrs;
    bind_module *owner = bind_check_module(L, 1);
    const char *name = bind_check_name(L, 2, "the pool's name");
    bind_check_attrs(L, 3, "the pool", &attrs);
    aot_id id = aot_module_pool(owner->module, name, &attrs, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_ENTRY, id);
    return 1;
}

static int module_symbol(lua_State *L)
{
    aot_error err = { 0 };
    aot_attr attrs;
    bind_module *owner = bind_check_module(L, 1);
    bind_check_attrs(L, 2, "the symbol", &attrs);
    aot_id id = aot_module_symbol(owner->module, &attrs, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_ENTRY, id);
    return 1;
}

static int module_new_graph(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner = bind_check_module(L, 1);
    const char *name = bind_check_name(L, 2, "the graph's name");
    aot_id id = aot_module_new_graph(owner->module, name, &err);
    bind_check(L, id != 0, &err);
    bind_push_handle(L, owner, BIND_GRAPH, id);
    return 1;
}

static int module_remove(lua_State *L)
{
    aot_error err = { 0 };
    bind_module *owner = bind_check_module(L, 1);
    bool ok;
    if (bind_is_handle(L, 2, BIND_GRAPH))
        ok = aot_module_remove_graph(owner->module, bind_check_own(L, 2, BIND_GRAPH, owner),
                                     &err);
    else
        ok = aot_module_remove_const(owner->module, bind_check_own(L, 2, BIND_VALUE, owner),
                                     &err);
    bind_check(L, ok, &err);
    return 0;
}

/* --- look-ups --- */

static int push_graph_named(lua_State *L, bind_module *owner, const char *name)
{
    const aot_graph *graph = aot_module_graph_named(owner->module, name);
    bind_push_handle(L, owner, BIND_GRAPH, graph == NULL ? 0 : graph->id);
    return 1;
}

static int module_main(lua_State *L)
{
    bind_module *owner = bind_check_module(L, 1);
    push_graph_named(L, owner, "main");
    if (lua_isnil(L, -1))
        luaL_error(L, "module %s has no graph @main", aot_module_name(owner->module));
    return 1;
}

static int module_find(lua_State *L)
{
    bind_module *owner = bind_check_module(L, 1);
    return push_graph_named(L, owner, bind_check_name(L, 2, "the graph's name"));
}

/* m:node(id), m:value(id), m:value "$name": the handle, or nil where there is none. */
static int module_node(lua_State *L)
{
    bind_module *owner = bind_check_module(L, 1);
    lua_Integer id = luaL_checkinteger(L, 2);
    bool is_one = id > 0 && id <= UINT32_MAX && aot_module_node(owner->module, (aot_id)id);
    bind_push_handle(L, owner, BIND_NODE, is_one ? (aot_id)id : 0);
    return 1;
}

static int module_value(lua_State *L)
{
    bind_module *owner = bind_check_module(L, 1);
    const aot_value *value = NULL;
    if (lua_type(L, 2) == LUA_TSTRING) {
        const char *name = bind_check_name(L, 2, "the constant's name");
        luaL_argcheck(L, name[0] == '$', 2, "the name of a constant starts with $");
        value = aot_module_named(owner->module, AOT_VALUE_CONST, name + 1);
    } else {
        lua_Integer id = luaL_checkinteger(L, 2);
        if (id > 0 && id <= UINT32_MAX)
            value = aot_module_value(owner->module, (aot_id)id);
    }
    bind_push_handle(L, owner, BIND_VALUE, value == NULL ? 0 : value->id);
    return 1;
}

typedef const aot_id *(*list_of)(const aot_module *module, size_t *count);

static int push_ids(lua_State *L, list_of list, bind_kind kind)
{
    size_t count;
    bind_module *owner = bind_check_module(L, 1);
    const aot_id *ids = list(owner->module, &count);
    bind_push_handles(L, owner, kind, ids, count);
    return 1;
}

static int module_consts(lua_State *L)
{
    return push_ids(L, aot_module_consts, BIND_VALUE);
}

static int module_states(lua_State *L)
{
    return push_ids(L, aot_module_states, BIND_VALUE);
}

static int module_graphs(lua_State *L)
{
    return push_ids(L, aot_module_graphs, BIND_GRAPH);
}

static int push_entries(lua_State *L, bool symbols)
{
    size_t count;
    bind_module *owner = bind_check_module(L, 1);
    const aot_entry *entries = symbols ? aot_module_symbols(owner->module, &count)
                                       : aot_module_pools(owner->module, &count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        bind_push_handle(L, owner, BIND_ENTRY, entries[i].id);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int module_pools(lua_State *L)
{
    return push_entries(L, false);
}

static int module_symbols(lua_State *L)
{
    return push_entries(L, true);
}

/* --- the whole module --- */

static int module_print(lua_State *L)
{
    aot_error err = { 0 };
    aot_text text;
    const bind_module *owner = bind_check_module(L, 1);
    aot_text_init(&text, bind_scratch(L), &err);
    bind_check(L, aot_module_print(owner->module, &text) && aot_text_ok(&text), &err);
    lua_pushlstring(L, text.length == 0 ? "" : text.bytes, text.length);
    return 1;
}

static int module_write_blobs(lua_State *L)
{
    aot_error err = { 0 };
    aot_id *ids;
    size_t *offsets, count, total, end = 0;
    const bind_module *owner = bind_check_module(L, 1);
    const char *path = bind_check_name(L, 2, "the path");
    aot_arena *arena = bind_scratch(L);
    bind_check(L, aot_module_blobs(owner->module, arena, &ids, &offsets, &count, &total, &err),
               &err);
    bind_piece *pieces = bind_room(L, count, sizeof *pieces);
    for (size_t i = 0; i < count; i++) {
        const aot_tensor *data = &aot_module_value(owner->module, ids[i])->stored->data;
        pieces[i].zeros = offsets[i] - end;
        pieces[i].bytes = aot_tensor_bytes(data);
        bind_check(L, aot_type_bytes(&data->type, &pieces[i].length, &err), &err);
        end = offsets[i] + pieces[i].length;
    }
    bind_check(L, bind_write_file(path, pieces, count, &err), &err);
    return 0;
}

static int module_verify(lua_State *L)
{
    aot_error err = { 0 };
    bind_check(L, aot_module_verify(bind_check_module(L, 1)->module, &err), &err);
    return 0;
}

static int module_infer(lua_State *L)
{
    aot_error err = { 0 };
    size_t count;
    const bind_module *owner = bind_check_module(L, 1);
    const aot_id *graphs = aot_module_graphs(owner->module, &count);
    for (size_t i = 0; i < count; i++)
        bind_check(L, aot_graph_infer(owner->module, graphs[i], &err), &err);
    return 0;
}

static int module_name(lua_State *L)
{
    lua_pushstring(L, aot_module_name(bind_check_module(L, 1)->module));
    return 1;
}

static int module_attrs(lua_State *L)
{
    bind_push_attr(L, aot_module_attrs(bind_check_module(L, 1)->module));
    return 1;
}

static int module_tostring(lua_State *L)
{
    lua_pushfstring(L, "module %s", aot_module_name(bind_check_module(L, 1)->module));
    return 1;
}

void bind_module_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "get", module_get },         { "set", module_set },
        { "const", module_const },     { "state", module_state },
        { "pool", module_pool },       { "symbol", module_symbol },
        { "graph", module_new_graph }, { "main", module_main },
        { "find", module_find },       { "node", module_node },
        { "value", module_value },     { "consts", module_consts },
        { "states", module_states },   { "pools", module_pools },
        { "symbols", module_symbols }, { "graphs", module_graphs },
        { "remove", module_remove },   { "print", module_print },
        { "verify", module_verify },   { "write_blobs", module_write_blobs },
        { "infer", module_infer },     { NULL, NULL },
    };
    static const luaL_Reg fields[] = { { "name", module_name },
                                       { "attrs", module_attrs },
                                       { NULL, NULL } };
    static const luaL_Reg meta[] = { { "__gc", module_gc },
                                     { "__tostring", module_tostring },
                                     { NULL, NULL } };
    bind_class_new(L, &(bind_class){ "Module", methods, fields, meta });
}
