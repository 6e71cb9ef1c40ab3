-- For wrk: each request posts a comment, as a proxy would pass it on for one of very many visitors.

local number = 0

function request()
    number = number + 1
    local address = string.format("10.0.%d.%d", math.floor(number / 250) % 250, 1 + number % 250)
    return wrk.format("POST", "/api/comments",
        { ["Content-Type"] = "application/json", ["X-Forwarded-For"] = address },
        string.format('{"text": "Number %d: looking costs almost nothing however many look", "username": "Ada"}', number))
end
