package telegram

import (
	"context"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

// Limits are how many messages Telegram takes from a bot. Above them it answers 429, and
// holds back or drops what comes next.
type Limits struct {
	PerSecond float64       // to all chats together, in any one second; 0: 30
	Burst     int           // of these, how many at once; 0: 1
	ChatEvery time.Duration // between two to one chat; 0: 1 s
	ChatBurst int           // to one chat, how many at once before that; 0: 4
}

func (l Limits) withDefaults() Limits {
	if l.PerSecond <= 0 {
		l.PerSecond = 30
	}
	if l.Burst <= 0 {
		l.Burst = 1
	}
	if l.ChatEvery <= 0 {
		l.ChatEvery = time.Second
	}
	if l.ChatBurst <= 0 {
		l.ChatBurst = 4
	}
	return l
}

type bulkKey struct{}

// Bulk marks what is sent on our own account, to many (reminders): it waits until nobody who
// is chatting needs the turn.
func Bulk(ctx context.Context) context.Context { return context.WithValue(ctx, bulkKey{}, true) }

func isBulk(ctx context.Context) bool { return ctx.Value(bulkKey{}) != nil }

type turnKey struct{}

// Turn waits until it is the turn of a message to chat, in bulk, and returns the context to send that message with: it waits no
// more. What is to be sent can be looked at once more in between.
func (c *Client) Turn(ctx context.Context, chat int64) (context.Context, error) {
	ctx = Bulk(ctx)
	err := c.caller.limiter.wait(ctx, strconv.FormatInt(chat, 10), time.Now().Add(patience))
	return context.WithValue(ctx, turnKey{}, new(atomic.Bool)), err
}

// hasTurn says, once, whether ctx came from Turn.
func hasTurn(ctx context.Context) bool {
	used, ok := ctx.Value(turnKey{}).(*atomic.Bool)
	return ok && used.CompareAndSwap(false, true)
}

// A limiter gives messages their turns: first the chat's, then the bot's. Turns are given out
// by buckets of tokens, in Redis for all instances together or, without it, in memory.
type limiter struct {
	overall pace
	chats   pace
	remote  *remote
	metrics *Metrics

	mu     sync.Mutex
	local  map[string]*rate.Limiter // by bucket, as long as they are not full
	paused map[string]silence       // by chat; "" is everybody
}

// A silence is a pause that Telegram asked for.
type silence struct{ from, until time.Time }

// A pace is how a bucket fills: one token every so often, up to burst.
type pace struct {
	every time.Duration
	burst int
}

func newLimiter(config ClientConfig) *limiter {
	l := config.Limits.withDefaults()
	// In less than a second a bucket gives what it holds and, of what flows in, the part before the second is over: with half a
	// message to spare that is never more than PerSecond.
	flow := max(l.PerSecond-float64(l.Burst)+0.5, l.PerSecond/2)
	return &limiter{
		overall: pace{every: time.Duration(float64(time.Second) / flow), burst: l.Burst},
		chats:   pace{every: l.ChatEvery, burst: l.ChatBurst},
		remote:  newRemote(config.Redis, botID(config.Token), config.Logger),
		metrics: config.Metrics,
		local:   make(map[string]*rate.Limiter),
		paused:  make(map[string]silence),
	}
}

// wait returns when it is the turn of a message to chat. When that is not before until, or
// not before ctx ends, it says so at once with the error Telegram would give.
func (l *limiter) wait(ctx context.Context, chat string, until time.Time) error {
	started, bulk := time.Now(), isBulk(ctx)
	defer func() { l.metrics.waited(bulk, time.Since(started)) }()
	o := rank{ahead: math.MaxInt64}
	if bulk {
		// A token is always left for somebody who is chatting, where there are several. Half a turn ahead is enough to lose none
		// by waking up late, and puts nobody behind more than that and the turn that is booked.
		o = rank{keep: min(1, l.overall.burst-1), ahead: l.overall.every / 2}
	}
	if l.free(ctx, chat, o.keep) {
		return nil
	}
	if chat != "" {
		if err := l.pass(ctx, chat, l.chats, rank{ahead: math.MaxInt64}, until); err != nil {
			return err
		}
	}
	return l.pass(ctx, "", l.overall, o, until)
}

// A rank says who goes first. Those who chat book their turns as far ahead as they have patience; bulk gets one only when
// nobody has booked it, whichever instance they come from.
type rank struct {
	keep  int           // tokens that must be left
	ahead time.Duration // how far a turn may be booked
}

// free takes both tokens at once, in one question to Redis, if both are there now, as they are as a rule.
func (l *limiter) free(ctx context.Context, chat string, keep int) bool {
	if chat == "" || l.silent(chat) > 0 || l.silent("") > 0 {
		return false
	}
	taken, _ := ask(ctx, l.remote, (*redis.Cmd).Bool, freeScript, []string{l.bucket(chat), l.bucket("")},
		l.chats.every.Microseconds(), l.chats.burst, 0, l.overall.every.Microseconds(), l.overall.burst, keep)
	return taken
}

// bucket is the name of a chat's bucket, or of everybody's ("").
func (l *limiter) bucket(chat string) string { return l.remote.prefix + "turns:" + chat }

// pass takes a token from the bucket of a chat, or of everybody (""), and waits for its turn.
func (l *limiter) pass(ctx context.Context, chat string, p pace, o rank, until time.Time) error {
	for {
		if err := l.sitOut(ctx, chat, until); err != nil {
			return err
		}
		pause, taken := l.take(ctx, chat, p, o, until)
		if !taken || pause > 0 {
			if !enough(ctx, until, pause) {
				return tooMany(pause)
			}
			if !taken {
				pause -= o.ahead // then it can be booked
			}
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		}
		if taken {
			return l.sitOut(ctx, chat, until) // Telegram may have asked for a pause meanwhile
		}
	}
}

func tooMany(pause time.Duration) error {
	return &bot.TooManyRequestsError{
		Message:    "too many requests, held back by our own limits",
		RetryAfter: int(math.Ceil(pause.Seconds())),
	}
}

// take takes a token and returns how long until its turn; or, when that is too far ahead to book, takes none and returns how
// long it would be.
func (l *limiter) take(ctx context.Context, chat string, p pace, o rank, until time.Time) (time.Duration, bool) {
	keep, book := o.keep, min(o.ahead, time.Until(until))
	if deadline, ok := ctx.Deadline(); ok {
		book = min(book, time.Until(deadline))
	}
	name := l.bucket(chat)
	pause, asked := ask(ctx, l.remote, (*redis.Cmd).Int64, takeScript, []string{name},
		p.every.Microseconds(), p.burst, keep, max(book, 0).Microseconds())
	switch {
	case !asked:
		return l.takeLocal(time.Now(), name, p, keep, book)
	case pause < 0:
		return time.Duration(-pause) * time.Microsecond, false
	default:
		return time.Duration(pause) * time.Microsecond, true
	}
}

// takeScript is takeLocal over all instances. A bucket is kept as the moment it will be full
// again, in microseconds of Redis's own clock. It returns the pause, negative when no token was taken.
var takeScript = redis.NewScript(`
local every, burst, keep, book = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local pause = math.max(full + every * (1 + keep - burst) - now, 0)
if pause > book then
  return -math.ceil(pause)
end
full = full + every
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return math.ceil(pause)
`)

// freeScript takes a token of each bucket like takeScript, or none of either: it returns whether both had one.
var freeScript = redis.NewScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local full = {}
for i, key in ipairs(KEYS) do
  local every, burst, keep = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
  full[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
  if full[i] + every * (1 + keep - burst) > now then
    return 0
  end
  full[i] = full[i] + every
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000) + 1000)
end
return 1
`)

func (l *limiter) takeLocal(now time.Time, name string, p pace, keep int, book time.Duration) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.local[name]
	if bucket == nil {
		l.sweep(now)
		bucket = rate.NewLimiter(rate.Every(p.every), p.burst)
		l.local[name] = bucket
	}
	missing := float64(1+keep) - bucket.TokensAt(now)
	pause := time.Duration(missing * float64(p.every)).Round(time.Microsecond) // as in Redis
	if pause > max(book, 0) {
		return pause, false
	}
	bucket.ReserveN(now, 1)
	return max(pause, 0), true
}

// sweep forgets full buckets and pauses that are over, now and then: both are as good as none.
func (l *limiter) sweep(now time.Time) {
	if len(l.local)%1024 != 1023 {
		return
	}
	for name, bucket := range l.local {
		if bucket.TokensAt(now) >= float64(bucket.Burst()) {
			delete(l.local, name)
		}
	}
	for chat, silence := range l.paused {
		if now.After(silence.until) {
			delete(l.paused, chat)
		}
	}
}

// When several chats are refused within a moment, Telegram means not this chat or that one but
// the bot: its answer does not say which limit was reached.
const (
	severalChats = 3
	aMoment      = time.Second
)

// pause holds back what goes to chat, as Telegram asked. Other instances learn it for themselves.
func (l *limiter) pause(chat string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.silence(chat, now, d)
	refused := 0
	for other, silence := range l.paused {
		if other != "" && now.Sub(silence.from) < aMoment {
			refused++
		}
	}
	if refused >= severalChats {
		l.silence("", now, d)
	}
}

func (l *limiter) silence(chat string, now time.Time, d time.Duration) {
	until := now.Add(d)
	if longer := l.paused[chat].until; longer.After(until) {
		until = longer
	}
	l.paused[chat] = silence{from: now, until: until}
}

// sitOut waits until the chat's pause is over.
func (l *limiter) sitOut(ctx context.Context, chat string, until time.Time) error {
	for {
		left := l.silent(chat)
		switch {
		case left <= 0:
			return ctx.Err()
		case !enough(ctx, until, left):
			return tooMany(left)
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// silent returns what is left of the chat's pause.
func (l *limiter) silent(chat string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.paused[chat].until)
}
