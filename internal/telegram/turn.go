package telegram

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"
)

// turns bounds how many updates are handled at the same time, has each handled once, and lets other instances handle none
// of the same chat meanwhile: a chat is leased in Redis while its update is handled. Redis is asked once when a turn
// begins and once when it ends. When it is down the chat's line here is all the order there is.
type turns struct {
	slots      chan struct{}
	process    string // names this one in Redis
	remote     *remote
	once       *once
	poison     *poison
	renewEvery time.Duration
}

func newTurns(concurrency int, remote *remote) *turns {
	return &turns{
		slots: make(chan struct{}, concurrency), process: rand.Text(), remote: remote,
		once: newOnce(), poison: newPoison(), renewEvery: leaseRenew,
	}
}

// A lease runs out by itself when its holder dies, and is renewed well before that. Given back, it tells for a while who has
// had it last.
const (
	leaseLife  = 6 * time.Second
	leaseRenew = 2 * time.Second
	leaseAsk   = 50 * time.Millisecond // about how often somebody else's is looked at
	leaseTells = 5 * time.Minute
)

// A turn is the right to handle an update of one chat.
type turn struct {
	ctx       context.Context // ends with alive, and when the lease went to somebody else
	suspicion int             // that the update is to blame: its failures and begins, this one included; 0: it is finished
	continued bool            // this process has had the chat's last turn too, at most leaseTells ago

	turns   *turns
	update  int64
	token   string   // by which the lease is known to be ours: the process and, after a colon, the turn
	keys    []string // what Redis holds of it: the chat's lease, whether the update is finished, and how suspect it is
	cancel  context.CancelCauseFunc
	renewal *time.Timer   // of the lease, should handling take so long
	renewed chan struct{} // closed when a renewal that has begun is over
}

var errLeaseLost = errors.New("another instance has taken over this chat")

type continuedKey struct{}

// Continued says whether the update of ctx follows one of the same chat that this process has handled, a few minutes ago at
// most: nothing that the chat has brought about was written elsewhere since.
func Continued(ctx context.Context) bool { return ctx.Value(continuedKey{}) != nil }

// cut tells whether the turn ended before the handler did.
func (t *turn) cut() bool { return t.ctx.Err() != nil }

// take waits for the turn of a chat's update as long as open lasts; the turn itself lasts no longer than alive. While
// somebody else has the lease no slot is held.
func (t *turns) take(open, alive context.Context, chat, update int64) (*turn, error) {
	taken := &turn{
		turns: t, update: update, token: t.process + ":" + rand.Text(),
		keys: []string{t.remote.key("lease", chat), t.remote.key("seen", update), t.remote.key("begun", update)},
	}
	taken.ctx, taken.cancel = context.WithCancelCause(alive)
	for {
		select {
		case t.slots <- struct{}{}:
		case <-open.Done():
			taken.cancel(nil)
			return nil, open.Err()
		}
		ours := t.begin(taken)
		switch {
		case ours && open.Err() != nil:
			taken.end(stopped)
			return nil, open.Err()
		case ours:
			return taken, nil
		}
		<-t.slots
		if err := sleep(open, leaseAsk/2+mathrand.N(leaseAsk)); err != nil {
			taken.cancel(nil)
			return nil, err
		}
	}
}

// begin takes the lease and counts the update as begun, unless it is finished; false while somebody else has the lease.
func (t *turns) begin(taken *turn) bool {
	if t.once.seen(taken.update) {
		return true
	}
	var elsewhere int64
	said, asked := ask(taken.ctx, t.remote, (*redis.Cmd).Int64Slice, beginScript, taken.keys,
		taken.token, leaseLife.Milliseconds(), seenLife.Milliseconds(), t.process)
	if asked {
		elsewhere, taken.continued = said[0], said[1] == 1
	}
	switch {
	case asked && elsewhere == leased:
		return false
	case asked && elsewhere == finished:
		return true
	}
	taken.suspicion = t.poison.begin(taken.update, int(elsewhere))
	taken.renewed = make(chan struct{})
	taken.renewal = time.AfterFunc(t.renewEvery, taken.renew)
	return true
}

// end gives the turn back, with what came of the update.
func (t *turn) end(v verdict) {
	defer func() { <-t.turns.slots }()
	defer t.cancel(nil)
	if t.suspicion == 0 {
		return
	}
	t.cancel(nil)
	if !t.renewal.Stop() {
		<-t.renewed // else it could take the lease again behind us
	}
	became := "failed"
	switch {
	case v.final():
		became = "finished"
		t.turns.once.remember(t.update)
		t.turns.poison.forget(t.update)
	case v != failed:
		became = "excused"
		t.turns.poison.excuse(t.update)
	default:
		t.turns.poison.fail(t.update)
	}
	ask(context.WithoutCancel(t.ctx), t.turns.remote, (*redis.Cmd).Int64, endScript, t.keys,
		t.token, became, seenLife.Milliseconds(), failureWeighs-1, t.turns.process, leaseTells.Milliseconds())
}

// renew keeps the lease until the turn ends. One that Redis lost, or was not there to give, is taken.
func (t *turn) renew() {
	defer close(t.renewed)
	for {
		ours, asked := ask(t.ctx, t.turns.remote, (*redis.Cmd).Int64, renewScript, t.keys[:1], t.token, leaseLife.Milliseconds())
		if asked && ours == 0 {
			t.cancel(errLeaseLost)
			return
		}
		if sleep(t.ctx, t.turns.renewEvery) != nil {
			return
		}
	}
}

// What beginScript says instead of how suspect an update is.
const (
	finished = 0
	leased   = -1 // to somebody else
)

// beginScript returns how suspect the update is, 0 when it is finished, or -1 while somebody else has the lease; and 1 if the
// same process has had it last. Sent twice, as the client does when the first answer is lost, it counts once.
var beginScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
local ours = holder == ARGV[1]
if holder and not ours and string.find(holder, ':', 1, true) then
  return {-1, 0}
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  return {0, 0}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ours then
  return {tonumber(redis.call('GET', KEYS[3]) or '1'), 0}
end
local begun = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return {begun, holder == ARGV[4] and 1 or 0}
`)

// endScript remembers what the update became, and gives the lease back under the process's name.
var endScript = redis.NewScript(`
if ARGV[2] == 'finished' then
  redis.call('SET', KEYS[2], 1, 'PX', ARGV[3])
  redis.call('DEL', KEYS[3])
elseif ARGV[2] == 'failed' then
  redis.call('INCRBY', KEYS[3], ARGV[4])
elseif redis.call('DECR', KEYS[3]) <= 0 then
  redis.call('DEL', KEYS[3])
end
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
end
return 1
`)

var renewScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)
