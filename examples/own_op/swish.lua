--- swish: y = x / (1 + exp(-alpha * x)), an operator of Acme's networks.

return {
  name = "acme.swish", params = { alpha = 1.0 },
  body = [[
    %a = mul %x, $alpha
    %s = logistic %a
    %y = mul %x, %s
  ]],
}
