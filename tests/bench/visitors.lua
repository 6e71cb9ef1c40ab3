-- For wrk: each request is of another of 10,000 visitors, as a proxy before this one would pass it on.

local requests, number = {}, 0

function init(args)
    for visitor = 1, 10000 do
        local address = string.format("10.1.%d.%d", math.floor(visitor / 250), 1 + visitor % 250)
        requests[visitor] = wrk.format(nil, nil, { ["X-Visitor"] = address, ["Accept-Encoding"] = "gzip" })
    end
end

function request()
    number = number % 10000 + 1
    return requests[number]
end
