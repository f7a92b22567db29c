--- limits: the largest model the importers accept, as data.
-- A model file is not trusted: each of these bounds time or memory that its bytes could ask for.
-- They are well above any network in use; raise one here if yours is larger.
return {
  file_bytes = 2 ^ 31 | 0, -- of a model file; external data may be larger
  nodes = 1000000, -- operators in all graphs of a model
  tensors = 1000000,
  attributes = 1024, -- per node
  name_bytes = 4096, -- a tensor's, node's or dimension's name
  rank = 8,
  elements = (2 ^ 31 | 0) - 1, -- of one tensor, and of one extent
  subgraph_depth = 32,
  decoded_elements = 16 * 2 ^ 20 | 0, -- numbers that must be decoded one by one
  unrolled_steps = 4096, -- of a recurrent operator
  inlined_nodes = 100000, -- of graphs within nodes and of functions, each time they are used
  pool_taps = 4096, -- of a window that is taken apart
  spread_bytes = 2 ^ 28 | 0, -- of a constant of a text that says less than it holds
  folded_elements = 4096, -- shape arithmetic done while importing

  flatbuffers_depth = 64,
  flatbuffers_tables = 1000000, -- visits, so shared tables count each time

  protobuf_depth = 100,
  protobuf_fields = 16 * 2 ^ 20 | 0,
}
