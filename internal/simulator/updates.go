package simulator

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long an update waits for the bot.
const (
	messageTTL  = 24 * time.Hour
	callbackTTL = 150 * time.Second
)

// Webhook queues: messages go by chat, callbacks by person. Each queue keeps its order, no two keep one between them.
const (
	callbackQueue = int64(3) << 33
	memberQueue   = int64(5) << 33
)

// maxPoll is the longest long poll.
const maxPoll = 50

// An update waits in the queue until the bot has confirmed it or its time is over.
type update struct {
	id      int
	kind    string
	wire    func() json.RawMessage // the update as it was when it happened; written when it is asked for, mu held or not
	expires time.Time
	lane    int64 // webhook queue
	person  int64

	failures int // of webhook deliveries
	delay    time.Duration
}

// updateQueue is the bot's inbox at Telegram. Simulator.mu guards it.
type updateQueue struct {
	next      int // the id of the next update
	used      bool
	waiting   []*update // by id
	allowed   []string  // nil: all but those that must be asked for
	poll      *poll
	offset    int64 // of the getUpdates before
	started   time.Time
	conflicts time.Time // until when further conflicts are answered late
	confirmed int
	expired   int
}

// poll is a getUpdates that waits.
type poll struct{ end chan string }

// byRequest are the kinds of updates that a bot gets only if it asks for them.
var byRequest = []string{"chat_member", "message_reaction", "message_reaction_count"}

// updateKinds are all kinds a bot may ask for.
var updateKinds = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
	"edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
	"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
	"purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
	"removed_chat_boost", "guest_message", "managed_bot",
}

// push queues an update unless the bot does not want its kind. mu is held.
func (s *Simulator) push(kind string, person, lane int64, ttl time.Duration, body any) *update {
	q := &s.queue
	if q.allowed == nil && slices.Contains(byRequest, kind) || q.allowed != nil && !slices.Contains(q.allowed, kind) {
		return nil
	}
	u := &update{
		id: q.next, kind: kind, expires: s.now().Add(ttl), lane: lane, person: person, delay: time.Second,
	}
	u.wire = sync.OnceValue(func() json.RawMessage { return encode(wireUpdate{u.id, kind, body}) })
	q.next++
	q.used = true
	q.waiting = append(q.waiting, u)
	s.broadcast()
	s.deliver(u)
	return u
}

// expire drops the updates whose time is over.
func (q *updateQueue) expire(now time.Time) {
	before := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, func(u *update) bool { return now.After(u.expires) })
	q.expired += before - len(q.waiting)
}

// drop removes one update: delivered, or given up.
func (q *updateQueue) drop(u *update) {
	q.waiting = slices.DeleteFunc(q.waiting, func(other *update) bool { return other == u })
}

// allow takes the argument allowed_updates. It holds until it is given anew; what is no list changes nothing.
func (s *Simulator) allow(q *query) bool {
	var kinds []string
	if json.Unmarshal([]byte(q.args["allowed_updates"]), &kinds) != nil || kinds == nil {
		return false
	}
	var allowed []string
	for _, kind := range kinds {
		if kind = strings.ToLower(kind); slices.Contains(updateKinds, kind) {
			allowed = append(allowed, kind)
		}
	}
	if slices.Equal(allowed, s.queue.allowed) {
		return false
	}
	s.queue.allowed = allowed
	return true
}

// getUpdates answers with what waits from offset on and forgets what is before it.
func (s *Simulator) getUpdates(ctx context.Context, q *query) (any, *apiError) {
	s.mu.Lock()
	if s.loggedOut || s.hook != nil {
		loggedOut := s.loggedOut
		s.mu.Unlock()
		if loggedOut {
			return nil, &apiError{code: 400, text: "Logged out"}
		}
		return nil, s.conflict(ctx, "Conflict: can't use getUpdates method while webhook is active; "+
			"use deleteWebhook to delete the webhook first")
	}
	offset := q.integer("offset", 0, -1<<31, 1<<31-1)
	limit := int(q.integer("limit", 100, 1, 100))
	timeout := q.integer("timeout", 0, 0, maxPoll)
	s.allow(q)

	now := s.cfg.Now()
	if offset == s.queue.offset && now.Before(s.queue.started.Add(3*time.Second)) {
		timeout = max(timeout, 3) // a bot that asks the same again and again is slowed down
		if now.Before(s.queue.started.Add(time.Second / 2)) {
			limit = 1
		}
	}
	s.queue.offset, s.queue.started = offset, now
	batch := s.take(offset, limit)
	if timeout == 0 || len(batch) > 0 {
		s.mu.Unlock()
		return batch, nil
	}
	s.endPoll("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	mine := &poll{end: make(chan string, 1)}
	s.queue.poll = mine
	changed := s.change()
	s.mu.Unlock()
	return s.awaitUpdates(ctx, mine, changed, max(offset, 0), limit, time.Duration(timeout)*time.Second)
}

// awaitUpdates is a long poll: it ends with the first update, the timeout, another poll or the caller's leaving.
func (s *Simulator) awaitUpdates(
	ctx context.Context, mine *poll, changed <-chan struct{}, offset int64, limit int, timeout time.Duration,
) (any, *apiError) {
	over := s.cfg.After(timeout)
	for last := false; !last; {
		select {
		case reason := <-mine.end:
			return nil, s.conflict(ctx, reason)
		case <-ctx.Done():
			s.leavePoll(mine)
			return nil, errHungUp
		case <-s.done:
			return nil, &apiError{code: 500, text: "Internal Server Error: restart"}
		case <-over:
			last = true
		case <-changed:
		}
		s.mu.Lock()
		changed = s.change()
		if s.queue.poll != mine { // somebody has just ended this poll
			s.mu.Unlock()
			return nil, s.conflict(ctx, <-mine.end)
		}
		if batch := s.take(offset, limit); last || len(batch) > 0 {
			s.queue.poll = nil
			s.mu.Unlock()
			return batch, nil
		}
		s.mu.Unlock()
	}
	return nil, nil
}

func (s *Simulator) leavePoll(mine *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue.poll == mine {
		s.queue.poll = nil
	}
}

// endPoll ends the poll that waits, if there is one. mu is held.
func (s *Simulator) endPoll(reason string) {
	if s.queue.poll != nil {
		s.queue.poll.end <- reason
		s.queue.poll = nil
	}
}

// conflict answers 409. A second one within three seconds is held back for three seconds.
func (s *Simulator) conflict(ctx context.Context, reason string) *apiError {
	s.mu.Lock()
	now := s.cfg.Now()
	late := now.Before(s.queue.conflicts)
	if !late {
		s.queue.conflicts = now.Add(3 * time.Second)
	}
	s.mu.Unlock()
	if late {
		select {
		case <-s.cfg.After(3 * time.Second):
		case <-ctx.Done():
			return errHungUp
		case <-s.done:
		}
	}
	return &apiError{code: 409, text: reason}
}

// take confirms what is before offset and returns up to limit updates from there. A negative offset keeps only
// the newest -offset. An offset far ahead of the queue confirms nothing, as at Telegram. mu is held.
func (s *Simulator) take(offset int64, limit int) []json.RawMessage {
	q := &s.queue
	before := len(q.waiting)
	q.expire(s.now())
	if keep := int(-offset); offset < 0 && len(q.waiting) > keep {
		q.confirmed += len(q.waiting) - keep
		q.waiting = slices.Clone(q.waiting[len(q.waiting)-keep:])
	}
	if offset > 0 && q.used && offset <= int64(q.next)+10 {
		pending := len(q.waiting)
		q.waiting = slices.DeleteFunc(q.waiting, func(u *update) bool { return int64(u.id) < offset })
		q.confirmed += pending - len(q.waiting)
	}
	if len(q.waiting) != before {
		s.broadcast()
	}
	batch := make([]json.RawMessage, 0, min(limit, len(q.waiting)))
	for _, u := range q.waiting[:min(limit, len(q.waiting))] {
		batch = append(batch, u.wire())
	}
	return batch
}

// Settled waits until every update is confirmed by the bot, by offset or by a webhook's 200, or is dropped.
func (s *Simulator) Settled(ctx context.Context) error {
	for {
		s.mu.Lock()
		s.queue.expire(s.now())
		left, changed := len(s.queue.waiting), s.change()
		s.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Pending is the number of updates that the bot has not confirmed.
func (s *Simulator) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.expire(s.now())
	return len(s.queue.waiting)
}
