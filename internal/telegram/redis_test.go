package telegram

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// withRedis runs the test on the in-process Redis, and on a real one where there is one.
func withRedis(t *testing.T, test func(t *testing.T, client redis.UniversalClient)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		test(t, redisAt(t, miniredis.RunT(t).Addr()))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		test(t, realRedis(t))
	})
}

func realRedis(t *testing.T) redis.UniversalClient {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server in PATH")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "redis")
	server := exec.Command(binary, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "eady to accept connections") {
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatalf("redis-server: %v", err)
	}
	return client
}

// crowd is a handler that finds out whether two updates of a chat are handled at the same time.
type crowd struct {
	client redis.UniversalClient
	fail   bool // the first time, of every third update

	mu     sync.Mutex
	busy   map[int64]bool
	tried  map[int64]bool
	done   map[int64][]int64 // by chat
	bumped int
}

func (c *crowd) handle(ctx context.Context, u *models.Update) error {
	chat := ChatOf(u)
	c.mu.Lock()
	if c.busy[chat] {
		c.bumped++
	}
	c.busy[chat] = true
	again := c.tried[u.ID]
	c.tried[u.ID] = true
	c.mu.Unlock()
	for range 3 { // long enough for others to come in between
		if err := c.client.Ping(ctx).Err(); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy[chat] = false
	if c.fail && u.ID%3 == 0 && !again {
		return errors.New("not this time")
	}
	c.done[chat] = append(c.done[chat], u.ID)
	return nil
}

// Telegram brings the messages and the taps of a chat in two queues of their own, each update
// after the one before it was taken, and here to one instance or the other.
func TestTwoInstancesBehindAWebhookKeepOrder(t *testing.T) {
	t.Parallel()
	const chats, updates = 6, 12
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		c := &crowd{client: client, fail: true, busy: map[int64]bool{}, tried: map[int64]bool{}, done: map[int64][]int64{}}
		var urls []string
		for range 2 {
			in := newTestIntake(t, newAPI(), IntakeConfig{Handler: c.handle, Redis: client})
			server := httptest.NewServer(in.Webhook(testSecret))
			t.Cleanup(server.Close)
			urls = append(urls, server.URL)
		}
		var group errgroup.Group
		for queue := range int64(2 * chats) {
			group.Go(func() error {
				for i := range int64(updates) {
					id := 1000 + queue*100 + i
					body := messageJSON(id, 1+queue/2)
					if queue%2 == 1 {
						body = fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"1","from":{"id":%d},"data":"x"}}`, id, 1+queue/2)
					}
					if err := bring(t.Context(), urls, body); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if c.bumped > 0 {
			t.Errorf("%d times two updates of one chat were handled at the same time", c.bumped)
		}
		for chat, ids := range c.done {
			for tap := range int64(2) {
				first := 1000 + (2*(chat-1)+tap)*100
				var got, want []int64
				for i := range int64(updates) {
					want = append(want, first+i)
				}
				for _, id := range ids {
					if id >= first && id < first+100 {
						got = append(got, id)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("chat %d (-want +got):\n%s", chat, diff)
				}
			}
		}
	})
}

// bring delivers an update until it is taken; a while later, or meanwhile, now and then once more.
func bring(ctx context.Context, urls []string, body string) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, urls[rand.N(len(urls))], strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set(secretHeader, testSecret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK && rand.N(5) > 0 {
			return nil
		}
	}
}

func TestHandledOnceOverRestarts(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		var done atomic.Int32
		for range 3 {
			in := newTestIntake(t, newAPI(), IntakeConfig{Redis: client, Handler: func(context.Context, *models.Update) error {
				done.Add(1)
				return nil
			}})
			if w := deliver(t.Context(), in.Webhook(testSecret), messageJSON(1, 9)); w.Code != 200 {
				t.Errorf("%d, want 200", w.Code)
			}
		}
		if done.Load() != 1 {
			t.Errorf("handled %d times, want once", done.Load())
		}
		ttl, err := client.TTL(t.Context(), "telegram:{110201543}:seen:1").Result()
		if err != nil || ttl < 24*time.Hour || ttl > 25*time.Hour {
			t.Errorf("remembered for %v (%v), want 25 h", ttl, err)
		}
	})
}

// An update during which the process died nine times is not given to the handler again; and
// when it died of the apology, too, there is none.
func TestUpdateThatKillsTheProcess(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		for deaths, want := range map[int]string{0: "handled", 3: "handled", 8: "handled", 9: "sorry", 10: ""} {
			id := int64(100 + deaths)
			for range deaths {
				dieHandling(t, newTurns(1, newTestRemote(client)), id)
			}
			var got string
			in := newTestIntake(t, newAPI(), IntakeConfig{
				Redis:     client,
				Handler:   func(context.Context, *models.Update) error { got += "handled"; return nil },
				Apologize: func(context.Context, *models.Update) { got += "sorry" },
			})
			if v, _ := in.attempt(arrive(messageIn(id, 9))); !v.final() || got != want {
				t.Errorf("after %d deaths: %v, %q; want %q", deaths, v, got, want)
			}
		}
		if left, err := client.Keys(t.Context(), "*:begun:*").Result(); err != nil || len(left) > 0 {
			t.Errorf("counts left: %v, %v", left, err)
		}
	})
}

// dieHandling begins an update and goes no further. The lease that would run out is another chat's here.
func dieHandling(t *testing.T, turns *turns, update int64) {
	t.Helper()
	alive, die := context.WithCancel(t.Context())
	defer die()
	if _, err := turns.take(t.Context(), alive, -rand.Int64(), update); err != nil {
		t.Fatal(err)
	}
}

func TestLeaseOfADeadInstanceRunsOut(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redisAt(t, server.Addr())
	alive, kill := context.WithCancel(t.Context())
	if _, err := newTurns(1, newTestRemote(client)).take(t.Context(), alive, 9, 1); err != nil {
		t.Fatal(err)
	}
	kill()
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		turn, err := newTurns(1, newTestRemote(client)).take(t.Context(), t.Context(), 9, 1)
		if err != nil {
			t.Error(err)
			return
		}
		turn.end(handled)
	}()
	for asked := server.CommandCount(); server.CommandCount() < asked+4; { // it asks, in vain
		time.Sleep(time.Millisecond)
	}
	if isClosed(taken) {
		t.Error("taken while another instance holds it")
	}
	server.FastForward(leaseLife)
	<-taken
	server.FastForward(leaseTells)
	if keys := server.Keys(); !slices.Equal(keys, []string{"telegram:{110201543}:seen:1"}) {
		t.Errorf("left in Redis: %v, want that the update is finished", keys)
	}
}

// TestContinuedTurns has two processes take the turns of a chat.
func TestContinuedTurns(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	here, there := newTurns(1, newTestRemote(redisAt(t, server.Addr()))), newTurns(1, newTestRemote(redisAt(t, server.Addr())))
	var update int64
	wants := func(when string, turns *turns, chat int64, continued bool) {
		t.Helper()
		update++
		turn, err := turns.take(t.Context(), t.Context(), chat, update)
		if err != nil {
			t.Fatal(err)
		}
		if turn.continued != continued {
			t.Errorf("%s: continued %t", when, turn.continued)
		}
		turn.end(handled)
	}
	wants("the chat's first", here, 9, false)
	wants("the next", here, 9, true)
	wants("another chat's first", here, 8, false)
	wants("elsewhere", there, 9, false)
	wants("here again", here, 9, false)
	wants("and once more", here, 9, true)
	server.FastForward(leaseTells)
	wants("long after", here, 9, false)
	server.Close()
	wants("without Redis", here, 9, false)
}

func TestLeaseTakenOverEndsTheTurn(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		turns := newTurns(1, newTestRemote(client))
		turns.renewEvery = time.Millisecond
		turn, err := turns.take(t.Context(), t.Context(), 9, 1)
		if err != nil {
			t.Fatal(err)
		}
		key := turns.remote.key("lease", 9)
		if err := client.Del(t.Context(), key).Err(); err != nil { // Redis lost it: no harm
			t.Fatal(err)
		}
		for client.Exists(t.Context(), key).Val() == 0 {
			time.Sleep(time.Millisecond)
		}
		if turn.cut() {
			t.Error("cut, though nobody else holds the lease")
		}
		if err := client.Set(t.Context(), key, "somebody:else", leaseLife).Err(); err != nil {
			t.Fatal(err)
		}
		<-turn.ctx.Done()
		if got := context.Cause(turn.ctx); !errors.Is(got, errLeaseLost) {
			t.Errorf("ended by %v", got)
		}
		turn.end(stopped)
		if got := client.Get(t.Context(), key).Val(); got != "somebody:else" {
			t.Errorf("the lease is now %q's", got)
		}
	})
}

func TestLimitsAreSharedByInstances(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		config := ClientConfig{Token: testToken, Redis: client, Logger: quiet, Limits: Limits{ChatEvery: time.Hour}}
		instances := []*limiter{newLimiter(config), newLimiter(config)}
		var pauses []int
		for n := range 6 {
			l := instances[n%2]
			l.remote.timeout = patientRemote
			pause, taken := l.take(t.Context(), "9", l.chats, rank{ahead: 2 * time.Hour}, time.Now().Add(90*time.Minute))
			if taken != (n < 5) {
				t.Errorf("message %d: taken %v", n, taken)
			}
			pauses = append(pauses, int(pause.Round(time.Minute).Minutes()))
		}
		if diff := cmp.Diff([]int{0, 0, 0, 0, 60, 120}, pauses); diff != "" {
			t.Errorf("minutes to wait (-want +got):\n%s", diff)
		}
	})
}

// Messages that need not wait take both tokens in one question to Redis; the tokens are the same as for those that wait.
func TestFreeTokensAreShared(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		config := ClientConfig{Token: testToken, Redis: client, Logger: quiet, Limits: Limits{
			PerSecond: 1.0 / 3600, Burst: 6, ChatEvery: time.Hour, ChatBurst: 4,
		}}
		instances := []*limiter{newLimiter(config), newLimiter(config)}
		var free []bool
		for n, chat := range []string{"9", "9", "9", "9", "9", "8", "8", "8"} {
			l := instances[n%2]
			l.remote.timeout = patientRemote
			free = append(free, l.free(t.Context(), chat, 0))
		}
		want := []bool{true, true, true, true, false, true, true, false} // the chat's are used up, then the bot's
		if diff := cmp.Diff(want, free); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		pause, taken := instances[0].take(t.Context(), "8", instances[0].chats, rank{keep: 1}, time.Now())
		if !taken || pause > 0 {
			t.Errorf("a refused message took a token of its chat: %v, %v", pause, taken)
		}
	})
}

func TestWithRedisDownTheLocalOrderHolds(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var log bytes.Buffer
	var done journal
	in := newTestIntake(t, newAPI(), IntakeConfig{Redis: redisAt(t, server.Addr()), Handler: func(_ context.Context, u *models.Update) error {
		done.add(u.ID)
		return nil
	}})
	in.turns.remote.logger = slog.New(slog.NewTextHandler(&log, nil))
	h := in.Webhook(testSecret)
	for id := range int64(30) {
		switch id {
		case 10:
			server.Close()
		case 20:
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
			in.turns.remote.mu.Lock()
			in.turns.remote.away = time.Now() // as if it had been away for long
			in.turns.remote.mu.Unlock()
		}
		for range 2 {
			if w := deliver(t.Context(), h, messageJSON(1+id, 9)); w.Code != 200 {
				t.Fatalf("update %d: %d", id, w.Code)
			}
		}
	}
	if got := done.all(); len(got) != 30 || !slices.IsSorted(got) {
		t.Errorf("handled: %v", got)
	}
	for _, line := range []string{"redis does not answer", "redis answers again"} {
		if got := strings.Count(log.String(), line); got != 1 {
			t.Errorf("%q logged %d times:\n%s", line, got, log.String())
		}
	}
	if !server.Exists("telegram:{110201543}:seen:30") {
		t.Error("Redis is not used again")
	}
}
