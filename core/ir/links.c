/* links.c - the doubly linked lists of nodes and of uses, and the numbers that order nodes.
 *
 * A node's number lies between its neighbours', so "defined before" is one comparison. Where no
 * number is left, the smallest surrounding range of numbers that is sparse enough is spread
 * evenly: amortized logarithmic cost, whatever the order of the insertions. */
#include "core/ir/graph_internal.h"

#define APPEND_GAP (UINT64_C(1) << 32)

static aot_node_record *before_of(const aot_module *module, const aot_node_record *node)
{
    return aot_node_get(module, node->node.previous);
}

static aot_node_record *after_of(const aot_module *module, const aot_node_record *node)
{
    return aot_node_get(module, node->node.next);
}

/* Numbers a range of nodes around `node`, which has no number yet, anew. */
static void spread(aot_module *module, aot_node_record *node)
{
    aot_node_record *first = node, *last = node, *next;
    uint64_t middle = before_of(module, node) ? before_of(module, node)->node.order : 0;
    uint64_t count = 1, low = middle, high = middle;
    double most = 1; /* nodes in a range of width 2^bits: (4/3)^bits, ever sparser */
    for (unsigned bits = 1; bits <= 64; bits++) {
        uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
        low = middle & ~mask;
        high = middle | mask;
        while ((next = before_of(module, first)) && next->node.order >= low) {
            first = next;
            count++;
        }
        while ((next = after_of(module, last)) && next->node.order <= high &&
               next->node.order != AOT_LAST_ORDER) {
            last = next;
            count++;
        }
        most *= 4.0 / 3.0;
        if (bits > 2 && (double)count <= most)
            break;
    }
    uint64_t step = (high - low) / count, order = low + step / 2;
    for (aot_node_record *n = first;; n = after_of(module, n), order += step) {
        n->node.order = order;
        if (n == last)
            break;
    }
}

static void number(aot_module *module, aot_node_record *node)
{
    aot_node_record *previous = before_of(module, node), *next = after_of(module, node);
    uint64_t low = previous ? previous->node.order : 0, gap = next->node.order - low;
    if (next->node.order == AOT_LAST_ORDER && gap > APPEND_GAP)
        node->node.order = low + APPEND_GAP;
    else if (gap > 1)
        node->node.order = low + gap / 2;
    else
        spread(module, node);
}

void aot_node_link(aot_module *module, aot_node_record *node, aot_node_record *before)
{
    aot_graph_record *graph = aot_graph_get(module, before->node.graph);
    aot_node_record *previous = before_of(module, before);
    node->node.graph = before->node.graph;
    node->node.next = before->node.id;
    node->node.previous = before->node.previous;
    before->node.previous = node->node.id;
    if (previous)
        previous->node.next = node->node.id;
    else
        graph->graph.first = node->node.id;
    graph->graph.node_count++;
    number(module, node);
}

void aot_node_unlink(aot_module *module, aot_node_record *node)
{
    aot_graph_record *graph = aot_graph_get(module, node->node.graph);
    aot_node_record *previous = before_of(module, node), *next = after_of(module, node);
    next->node.previous = node->node.previous;
    if (previous)
        previous->node.next = node->node.next;
    else
        graph->graph.first = node->node.next;
    graph->graph.node_count--;
    node->node.previous = node->node.next = 0;
}

void aot_use_link(aot_module *module, aot_node_record *node, size_t slot)
{
    aot_use *use = &node->uses[slot];
    aot_value_record *value = aot_value_get(module, node->node.inputs[slot]);
    *use = (aot_use){ .node = node->node.id, .slot = (uint32_t)slot };
    if (!value)
        return;
    use->previous = value->value.last_use;
    if (use->previous)
        use->previous->next = use;
    else
        value->value.uses = use;
    value->value.last_use = use;
    value->value.use_count++;
}

void aot_use_unlink(aot_module *module, aot_node_record *node, size_t slot)
{
    aot_use *use = &node->uses[slot];
    aot_value_record *value = aot_value_get(module, node->node.inputs[slot]);
    if (!value)
        return;
    if (use->previous)
        use->previous->next = use->next;
    else
        value->value.uses = use->next;
    if (use->next)
        use->next->previous = use->previous;
    else
        value->value.last_use = use->previous;
    value->value.use_count--;
}

void aot_uses_link(aot_module *module, aot_node_record *node)
{
    for (size_t i = 0; i < node->node.input_count; i++)
        aot_use_link(module, node, i);
}

void aot_uses_unlink(aot_module *module, aot_node_record *node)
{
    for (size_t i = 0; i < node->node.input_count; i++)
        aot_use_unlink(module, node, i);
}

void aot_use_redirect(aot_module *module, aot_use *use, aot_id value)
{
    aot_node_record *node = aot_node_get(module, use->node);
    size_t slot = use->slot;
    aot_use_unlink(module, node, slot);
    node->node.inputs[slot] = value;
    aot_use_link(module, node, slot);
}
