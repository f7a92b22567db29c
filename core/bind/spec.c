/* spec.c - reads what g:append and g:rewrite are given: the description of a node. */
#include "core/bind/bind.h"

#include "core/op/op.h"

/* Pushes the field and tells whether it is there. */
static bool has(lua_State *L, int index, const char *name)
{
    luaL_checkstack(L, 16, NULL);
    return lua_getfield(L, index, name) != LUA_TNIL;
}

static void read_body(lua_State *L, int index, bind_module *owner, const char *what,
                      aot_node_spec *spec)
{
    if (has(L, index, "body"))
        spec->body = bind_check_own(L, -1, BIND_GRAPH, owner);
    if (has(L, index, "by"))
        spec->by = bind_check_name(L, -1, "by");
    if (spec->op == AOT_OP_call && aot_module_graph(owner->module, spec->body) == NULL)
        luaL_error(L, "%s: a call needs a body", what);
    if (spec->op != AOT_OP_call && (spec->body != 0 || spec->by != NULL))
        luaL_error(L, "%s: only a call has a body and a by", what);
}

static size_t count_outputs(lua_State *L, int index, const bind_module *owner, const char *what,
                            const aot_node_spec *spec)
{
    if (spec->op == AOT_OP_call)
        return aot_module_graph(owner->module, spec->body)->return_count;
    int outputs = aot_op_get(spec->op)->outputs;
    if (outputs < 0) {
        if (!has(L, index, "types"))
            luaL_error(L, "%s: %s needs types", what, aot_op_get(spec->op)->name);
        return lua_rawlen(L, -1);
    }
    return (size_t)outputs;
}

/* The types that the body of a call returns. */
static void body_types(const bind_module *owner, aot_id body, aot_type *types)
{
    const aot_graph *graph = aot_module_graph(owner->module, body);
    const aot_node *end = aot_module_node(owner->module, graph->last);
    for (size_t i = 0; i < graph->return_count; i++)
        types[i] = *aot_module_value(owner->module, end->inputs[i])->type;
}

static void infer(lua_State *L, const bind_module *owner, const aot_node_spec *spec,
                  const aot_type *declared, aot_type *out)
{
    aot_error err = { 0 };
    const aot_type **types = bind_room(L, spec->input_count, sizeof *types);
    for (size_t i = 0; i < spec->input_count; i++) {
        const aot_value *input = aot_module_value(owner->module, spec->inputs[i]);
        if (input == NULL && spec->inputs[i] != 0)
            luaL_error(L, "input %d was removed from its module", (int)i + 1);
        types[i] = input == NULL ? NULL : input->type;
    }
    aot_apply apply = {
        .module = owner->module,
        .op = spec->op,
        .input_count = spec->input_count,
        .types = types,
        .attrs = spec->attrs,
        .declared = declared,
    };
    bind_check(L, aot_infer(&apply, out, &err), &err);
}

/* Given types stand as they are; one without a shape, or none, is inferred. */
static void read_types(lua_State *L, int index, const bind_module *owner, const char *what,
                       aot_node_spec *spec)
{
    aot_type *types = bind_room(L, spec->output_count, sizeof *types);
    spec->types = types;
    if (has(L, index, "types")) {
        luaL_checktype(L, -1, LUA_TTABLE);
        if (lua_rawlen(L, -1) != spec->output_count)
            luaL_error(L, "%s: %s has %d results, here are %d types", what,
                       aot_op_get(spec->op)->name, (int)spec->output_count,
                       (int)lua_rawlen(L, -1));
        for (size_t i = 0; i < spec->output_count; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            bind_check_type(L, -1, owner, false, NULL, &types[i]);
            lua_pop(L, 1);
        }
        return;
    }
    bool given = has(L, index, "type");
    if (given && spec->output_count != 1)
        luaL_error(L, "%s: %s has %d results: give types, not type", what,
                   aot_op_get(spec->op)->name, (int)spec->output_count);
    if (given)
        bind_check_type(L, -1, owner, true, NULL, &types[0]);
    if (given && types[0].rank >= 0)
        return;
    if (spec->op == AOT_OP_call) {
        body_types(owner, spec->body, types);
    } else if (spec->output_count == 1) {
        aot_type declared = types[0];
        declared.rank = 0;
        infer(L, owner, spec, given ? &declared : NULL, &types[0]);
    }
}

static void read_names(lua_State *L, int index, const char *what, aot_node_spec *spec)
{
    bool list = has(L, index, "names");
    if (!list && !has(L, index, "name"))
        return;
    const char **names = bind_room(L, spec->output_count, sizeof *names);
    int at = lua_gettop(L) - 1;
    if (list && lua_rawlen(L, at) != spec->output_count)
        luaL_error(L, "%s: %s has %d results, here are %d names", what,
                   aot_op_get(spec->op)->name, (int)spec->output_count, (int)lua_rawlen(L, at));
    for (size_t i = 0; i < spec->output_count; i++) {
        names[i] = "";
        if (list) {
            lua_rawgeti(L, at, (lua_Integer)i + 1);
            names[i] = bind_check_name(L, -1, "names"); /* kept alive by the list */
            lua_pop(L, 1);
        } else if (i == 0) {
            names[i] = bind_check_name(L, at, "name");
        }
    }
    spec->names = names;
}

void bind_check_spec(lua_State *L, int index, bind_module *owner, const char *what,
                     const char *const *known, bind_spec *out)
{
    bind_check_fields(L, index, what, known);
    *out = (bind_spec){ 0 };
    aot_node_spec *spec = &out->spec;
    if (!has(L, index, "op"))
        luaL_error(L, "%s: there is no op", what);
    const char *word = bind_check_name(L, -1, "op");
    if (!aot_op_parse(word, &spec->op) || spec->op == AOT_OP_return)
        luaL_error(L, "%s: there is no op '%s'", what, word);
    if (has(L, index, "inputs"))
        spec->inputs = bind_check_values(L, lua_gettop(L), owner, true, &spec->input_count);
    has(L, index, "attrs");
    bind_check_attrs(L, lua_gettop(L), what, &out->attrs);
    read_body(L, index, owner, what, spec);
    spec->output_count = count_outputs(L, index, owner, what, spec);
    spec->attrs = &out->attrs;
    read_types(L, index, owner, what, spec);
    read_names(L, index, what, spec);
}
