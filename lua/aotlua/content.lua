--- content: what a generated file holds: a string, a View, a list of them, or a function that is
--- called with a function and gives it these one after the other, so that no more than one is there
--- at a time.

local content = {}

--- Gives what `made` holds as a string, a View, or a list of them.
function content.whole(made)
  if type(made) ~= "function" then return made end
  local pieces, is_text = {}, true
  made(function(piece)
    pieces[#pieces + 1] = piece
    is_text = is_text and type(piece) == "string"
  end)
  return is_text and table.concat(pieces) or pieces
end

--- Gives a copy of `files`, by path, each of them whole.
function content.all(files)
  local all = {}
  for path, made in pairs(files) do all[path] = content.whole(made) end -- order: into a table
  return all
end

return content
