package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Waits of webhook delivery.
const (
	deliveryTimeout = 60 * time.Second
	maxRetryAfter   = time.Hour
	maxResend       = time.Minute // the cap of the doubling lies between once and twice this
	replyLimit      = 1 << 20
)

// deliver starts a goroutine for each of the updates' lanes that has none yet. mu is held.
func (s *Simulator) deliver(updates ...*update) {
	hook := s.hook
	if hook == nil || s.closed {
		return
	}
	for _, u := range updates {
		if hook.lanes[u.lane] {
			continue
		}
		hook.lanes[u.lane] = true
		s.hooks.Add(1)
		go s.deliverLane(hook, u.lane)
	}
}

// deliverLane sends the updates of one lane, the next only when the former was taken or has expired. It ends
// when the lane is empty or the webhook is closed.
func (s *Simulator) deliverLane(hook *webhook, lane int64) {
	defer s.hooks.Done()
	for {
		u := s.nextOf(hook, lane)
		if u == nil {
			return
		}
		select {
		case hook.slots <- struct{}{}:
		case <-hook.ctx.Done():
			return
		}
		answer := s.post(hook, u)
		<-hook.slots
		if hook.ctx.Err() != nil {
			return
		}
		wait := s.settle(hook, u, answer)
		if wait <= 0 {
			continue
		}
		select {
		case <-s.cfg.After(wait):
		case <-hook.ctx.Done():
			return
		}
	}
}

// nextOf is the oldest update of a lane. Without one the lane is given up.
func (s *Simulator) nextOf(hook *webhook, lane int64) *update {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.expire(s.now())
	for _, u := range s.queue.waiting {
		if u.lane == lane && hook.ctx.Err() == nil {
			return u
		}
	}
	delete(hook.lanes, lane)
	s.broadcast()
	return nil
}

// delivery is what became of one request to the webhook.
type delivery struct {
	failure    string // "": taken
	status     int
	retryAfter time.Duration
}

// post sends one update and reads the answer.
func (s *Simulator) post(hook *webhook, u *update) delivery {
	ctx, cancel := context.WithCancel(hook.ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.url, bytes.NewReader(u.wire()))
	if err != nil {
		return delivery{failure: "Wrong response from the webhook: " + err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip, deflate")
	if hook.secret != "" {
		request.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	type result struct {
		response *http.Response
		body     []byte
		err      error
	}
	done := make(chan result, 1)
	go func() { // ends with the request, which ends with ctx
		response, err := hook.client.Do(request)
		if err != nil {
			done <- result{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, replyLimit))
		done <- result{response, body, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return delivery{failure: connectionFailure(r.err)}
		}
		return s.readAnswer(r.response, r.body)
	case <-s.cfg.After(deliveryTimeout):
		return delivery{failure: "Read timeout expired"}
	case <-ctx.Done():
		return delivery{failure: "Webhook connection closed"}
	}
}

func connectionFailure(err error) string {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "Connection refused"
	}
	return "Webhook connection closed"
}

func (s *Simulator) readAnswer(response *http.Response, body []byte) delivery {
	if response.StatusCode >= 200 && response.StatusCode <= 299 {
		s.performReply(response, body)
		return delivery{status: response.StatusCode}
	}
	d := delivery{
		status:  response.StatusCode,
		failure: fmt.Sprintf("Wrong response from the webhook: %d %s", response.StatusCode, http.StatusText(response.StatusCode)),
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		d.retryAfter = min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	return d
}

// performReply performs the method that the webhook's answer asks for, if any. Its result is lost.
func (s *Simulator) performReply(response *http.Response, body []byte) {
	if len(body) == 0 {
		return
	}
	q := &query{args: map[string]string{}, files: map[string]upload{}}
	if q.readBody(response.Header.Get("Content-Type"), body) != nil {
		return
	}
	q.method = strings.ToLower(q.args["method"])
	delete(q.args, "method")
	switch {
	case q.method == "", strings.HasPrefix(q.method, "get"), q.method == "setwebhook", q.method == "deletewebhook",
		q.method == "close", q.method == "logout":
		return
	}
	_, _ = s.perform(context.Background(), q, s.cfg.Clock.Now())
}

// settle takes a delivered update out of the queue, or says how long to wait before it is sent again: not at
// all the first time, then 2 s, 4 s and so on, or as long as the webhook asked for.
func (s *Simulator) settle(hook *webhook, u *update, d delivery) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook != hook { // closed meanwhile: the update is for whoever comes next
		return 0
	}
	if d.failure == "" {
		hook.gone = time.Time{}
		s.queue.drop(u)
		s.queue.confirmed++
		s.broadcast()
		return 0
	}
	now := s.now()
	hook.errorAt, hook.errorText = now, d.failure
	if s.goneTooLong(hook, d.status, now) {
		return 0
	}
	wait := d.retryAfter
	if wait == 0 && u.failures > 0 {
		u.delay = min(u.delay*2, maxResend+time.Duration(s.random.Int64N(int64(maxResend))))
		wait = u.delay
	}
	u.failures++
	if now.Add(wait).After(u.expires) {
		s.queue.drop(u)
		s.queue.expired++
		s.broadcast()
		return 0
	}
	return wait
}

// goneTooLong removes a webhook that has answered nothing but 410 for 23 hours.
func (s *Simulator) goneTooLong(hook *webhook, status int, now time.Time) bool {
	switch {
	case status != http.StatusGone:
		hook.gone = time.Time{}
	case hook.gone.IsZero():
		hook.gone = now
	case now.Sub(hook.gone) > goneFor:
		s.closeWebhook()
		return true
	}
	return false
}
