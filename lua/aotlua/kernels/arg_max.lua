--- arg_max: the place of the greatest element along an axis.
return require "aotlua.kernels.search".arg "max"
