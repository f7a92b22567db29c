--- status: the part of the header about what functions return.

local codes = {
  { "ok", 0, "success" },
  { "error_null", -1, "a pointer is NULL" },
  { "error_alignment", -2, "a tensor is not aligned to its elements, or a pool as it must be" },
  { "error_workspace", -3, "the workspace has too few bytes" },
  { "error_arguments", -4, "there are too many arguments, too few, or of another kind" },
}

--- Writes the codes that the model's interface has.
return function(out, spelling)
  local own = {}
  for _, code in ipairs(codes) do
    own[#own + 1] = spelling("macro", code[1]) and code
  end
  out:line()
  out:doc "What the functions return"
  out:line("enum %s {", spelling("struct", "status"))
  for index, code in ipairs(own) do
    out:line("    %s = %d%s /*!< %s */", spelling("macro", code[1]), code[2],
      index < #own and "," or "", code[3])
  end
  out:line("};")
end
