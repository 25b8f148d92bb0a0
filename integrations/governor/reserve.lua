-- Books one slot in every budget named by KEYS, or in none; answers with the wait in microseconds.
-- ARGV: now, longest wait to book for, longest wait to believe, seconds to keep a key, then interval and saved of each.
-- A budget nobody knows is empty, not full: what was lost may have been spent a moment before.
local now, longest, believed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at, full = now, {}
for i, key in ipairs(KEYS) do
  local interval, saved = tonumber(ARGV[3 + 2 * i]), tonumber(ARGV[4 + 2 * i])
  local empty = now + saved + interval
  local known = tonumber(redis.call('GET', key) or empty)
  full[i] = known - now <= believed and known or empty
  at = math.max(at, full[i] - saved)
end
if at - now <= longest then
  for i, key in ipairs(KEYS) do
    local moment = math.max(full[i], at) + tonumber(ARGV[3 + 2 * i])
    redis.call('SET', key, string.format('%.0f', moment), 'EX', ARGV[4])
  end
end
return at - now
