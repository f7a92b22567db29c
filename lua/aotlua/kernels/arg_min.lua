--- arg_min: the place of the least element along an axis.
return require "aotlua.kernels.search".arg "min"
