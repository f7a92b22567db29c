/* module.c - modules: their records, look-ups, lists and entries. */
#include "core/ir/graph_internal.h"

#include <string.h>

aot_module *aot_module_new(const char *name, size_t budget, aot_error *err)
{
    aot_arena *arena = aot_arena_new(budget);
    if (!arena) {
        aot_fail(err, AOT_ERROR_MEMORY, "no room for a module");
        return NULL;
    }
    aot_module *module = aot_arena_alloc(arena, sizeof *module, err);
    aot_id_list *lists = aot_arena_array(arena, 3, sizeof *lists, err);
    if (!module || !lists || !(module->name = aot_arena_copy(arena, name, strlen(name), err))) {
        aot_arena_free(arena);
        return NULL;
    }
    module->arena = arena;
    module->attrs.kind = AOT_ATTR_DICT;
    module->names.arena = arena;
    module->shared.arena = arena;
    module->consts = &lists[0];
    module->states = &lists[1];
    module->graph_list = &lists[2];
    module->value_count = module->node_count = module->graph_count = 1;
    return module;
}

void aot_module_free(aot_module *module)
{
    if (!module)
        return;
    for (size_t id = 1; id < module->value_count; id++)
        if (module->values[id] && module->values[id]->value.stored)
            aot_block_release(module->values[id]->value.stored->data.block);
    aot_arena_free(module->arena);
}

aot_arena *aot_module_arena(aot_module *module)
{
    return module->arena;
}

const char *aot_module_name(const aot_module *module)
{
    return module->name;
}

const aot_attr *aot_module_attrs(const aot_module *module)
{
    return &module->attrs;
}

aot_value_record *aot_value_get(const aot_module *module, aot_id id)
{
    return id && id < module->value_count ? module->values[id] : NULL;
}

aot_node_record *aot_node_get(const aot_module *module, aot_id id)
{
    return id && id < module->node_count ? module->nodes[id] : NULL;
}

aot_graph_record *aot_graph_get(const aot_module *module, aot_id id)
{
    return id && id < module->graph_count ? module->graphs[id] : NULL;
}

aot_value_record *aot_value_need(const aot_module *module, aot_id id, aot_error *err)
{
    aot_value_record *value = aot_value_get(module, id);
    if (!value)
        aot_fail(err, AOT_ERROR_INPUT, "there is no value with id %lu (any more)",
                 (unsigned long)id);
    return value;
}

aot_node_record *aot_node_need(const aot_module *module, aot_id id, aot_error *err)
{
    aot_node_record *node = aot_node_get(module, id);
    if (!node)
        aot_fail(err, AOT_ERROR_INPUT, "there is no node with id %lu (any more)",
                 (unsigned long)id);
    return node;
}

aot_graph_record *aot_graph_need(const aot_module *module, aot_id id, aot_error *err)
{
    aot_graph_record *graph = aot_graph_get(module, id);
    if (!graph)
        aot_fail(err, AOT_ERROR_INPUT, "there is no graph with id %lu (any more)",
                 (unsigned long)id);
    return graph;
}

const aot_value *aot_module_value(const aot_module *module, aot_id id)
{
    aot_value_record *record = aot_value_get(module, id);
    return record ? &record->value : NULL;
}

const aot_node *aot_module_node(const aot_module *module, aot_id id)
{
    aot_node_record *record = aot_node_get(module, id);
    return record ? &record->node : NULL;
}

const aot_graph *aot_module_graph(const aot_module *module, aot_id id)
{
    aot_graph_record *record = aot_graph_get(module, id);
    return record ? &record->graph : NULL;
}

size_t aot_module_value_limit(const aot_module *module)
{
    return module->value_count;
}

static const aot_value *value_named(const aot_module *module, uint32_t scope, const char *name)
{
    aot_named *named = aot_names_find(&module->names, scope, name);
    return named ? aot_module_value(module, named->owner) : NULL;
}

const aot_graph *aot_module_graph_named(const aot_module *module, const char *name)
{
    aot_named *named = aot_names_find(&module->names, AOT_SCOPE_GLOBAL, name);
    return named ? aot_module_graph(module, named->owner) : NULL;
}

const aot_value *aot_module_named(const aot_module *module, aot_value_kind kind,
                                  const char *name)
{
    const aot_value *value = NULL;
    if (kind == AOT_VALUE_CONST)
        value = value_named(module, AOT_SCOPE_CONST, name);
    else if (kind == AOT_VALUE_STATE)
        value = value_named(module, AOT_SCOPE_MAIN, name);
    return value && value->kind == kind ? value : NULL;
}

const aot_value *aot_graph_named(const aot_module *module, aot_id graph, const char *name)
{
    aot_graph_record *record = aot_graph_get(module, graph);
    const aot_value *value = record ? value_named(module, record->scope, name) : NULL;
    return value && value->graph == graph ? value : NULL;
}

bool aot_module_is_main(const aot_graph_record *graph)
{
    return graph->scope == AOT_SCOPE_MAIN;
}

/* Makes room for `more` pointers; ids must fit where some use their top bit. */
static bool reserve_records(aot_arena *arena, void **records, size_t *capacity, size_t count,
                            size_t more, aot_error *err)
{
    size_t need;
    if (!aot_add(count, more, &need) || need >= AOT_POOL_BIT)
        return aot_fail(err, AOT_ERROR_MEMORY, "the module has too many parts");
    return aot_arena_grow(arena, records, capacity, need, sizeof(void *), err);
}

bool aot_module_reserve(aot_module *module, size_t values, size_t nodes, aot_error *err)
{
    void *array = module->values;
    if (!reserve_records(module->arena, &array, &module->value_capacity, module->value_count,
                         values, err))
        return false;
    module->values = array;
    array = module->nodes;
    if (!reserve_records(module->arena, &array, &module->node_capacity, module->node_count,
                         nodes, err))
        return false;
    module->nodes = array;
    return true;
}

bool aot_graph_reserve(aot_module *module, aot_error *err)
{
    void *array = module->graphs;
    if (!reserve_records(module->arena, &array, &module->graph_capacity, module->graph_count, 1,
                         err))
        return false;
    module->graphs = array;
    aot_id_list *list = module->graph_list;
    array = list->ids;
    if (!aot_arena_grow(module->arena, &array, &list->capacity, list->count + 1, sizeof(aot_id),
                        err))
        return false;
    list->ids = array;
    return true;
}

static bool value_lives(const aot_module *module, aot_id id)
{
    return aot_value_get(module, id) != NULL;
}

static bool graph_lives(const aot_module *module, aot_id id)
{
    return aot_graph_get(module, id) != NULL;
}

static const aot_id *read_list(const aot_module *module, aot_id_list *list,
                               bool (*lives)(const aot_module *, aot_id), size_t *count)
{
    if (list->removed) {
        size_t kept = 0;
        for (size_t i = 0; i < list->count; i++)
            if (lives(module, list->ids[i]))
                list->ids[kept++] = list->ids[i];
        list->count = kept;
        list->removed = 0;
    }
    *count = list->count;
    return list->ids;
}

const aot_id *aot_module_consts(const aot_module *module, size_t *count)
{
    return read_list(module, module->consts, value_lives, count);
}

const aot_id *aot_module_states(const aot_module *module, size_t *count)
{
    return read_list(module, module->states, value_lives, count);
}

const aot_id *aot_module_graphs(const aot_module *module, size_t *count)
{
    return read_list(module, module->graph_list, graph_lives, count);
}

const aot_entry *aot_module_pools(const aot_module *module, size_t *count)
{
    *count = module->pools.count;
    return module->pools.entries;
}

const aot_entry *aot_module_symbols(const aot_module *module, size_t *count)
{
    *count = module->symbols.count;
    return module->symbols.entries;
}

bool aot_module_set(aot_module *module, const char *key, const aot_attr *value, aot_error *err)
{
    return aot_attr_set(&module->shared, &module->attrs, key, value, err);
}

static aot_id add_entry(aot_module *module, aot_entry_list *list, const char *name, aot_id bit,
                        const aot_attr *attrs, aot_error *err)
{
    aot_attr copied = { .kind = AOT_ATTR_DICT };
    if (attrs && attrs->kind != AOT_ATTR_DICT) {
        aot_fail(err, AOT_ERROR_INPUT, "the attributes of a pool or symbol must be a dict");
        return 0;
    }
    if (list->count >= AOT_POOL_BIT - 1) {
        aot_fail(err, AOT_ERROR_MEMORY, "the module has too many pools or symbols");
        return 0;
    }
    void *array = list->entries;
    if ((attrs && !aot_attr_copy(&module->shared, attrs, &copied, err)) ||
        !aot_arena_grow(module->arena, &array, &list->capacity, list->count + 1,
                        sizeof(aot_entry), err))
        return 0;
    list->entries = array;
    aot_id id = (aot_id)(list->count + 1) | bit;
    list->entries[list->count++] = (aot_entry){ .id = id, .name = name, .attrs = copied };
    return id;
}

aot_id aot_module_pool(aot_module *module, const char *name, const aot_attr *attrs,
                       aot_error *err)
{
    aot_named *named = aot_global_claim(module, name, err);
    if (!named)
        return 0;
    aot_id id = add_entry(module, &module->pools, named->name, AOT_POOL_BIT, attrs, err);
    named->owner = id ? id : named->owner;
    if (!id)
        aot_names_release(&module->names, named);
    return id;
}

aot_id aot_module_symbol(aot_module *module, const aot_attr *attrs, aot_error *err)
{
    return add_entry(module, &module->symbols, "", 0, attrs, err);
}

bool aot_module_entry_set(aot_module *module, aot_id entry, const char *key,
                          const aot_attr *value, aot_error *err)
{
    aot_entry_list *list = entry & AOT_POOL_BIT ? &module->pools : &module->symbols;
    size_t index = entry & ~AOT_POOL_BIT;
    if (index == 0 || index > list->count)
        return aot_fail(err, AOT_ERROR_INPUT, "there is no pool or symbol with id %lu",
                        (unsigned long)entry);
    aot_attr *attrs = &list->entries[index - 1].attrs;
    return aot_attr_set(&module->shared, attrs, key, value, err);
}
