-- Lua as in the conventions: 5.4, 100 columns, no globals.
std = "lua54"
max_line_length = 100
files["tests"] = { std = "lua54+busted" }
files["lua/meta"] = { ignore = { "21", "24" } } -- declarations: nothing is used
