package simulator

import (
	"math"
	"time"
)

// Limits says how fast the bot may send. Zero fields are Telegram's own: about one message a second in a chat
// with a tolerance for bursts, about 30 a second over all chats.
type Limits struct {
	Off            bool    // lifts the rates; the limits of texts, keyboards and files stay
	PerChat        float64 // messages a second in one chat
	ChatBurst      int
	PerSecond      float64 // messages a second over all chats
	Burst          int
	CallbackAnswer time.Duration // how long a tap can be answered
}

func (l Limits) orDefault() Limits {
	if l.PerChat == 0 {
		l.PerChat = 1
	}
	if l.ChatBurst == 0 {
		l.ChatBurst = 10
	}
	if l.PerSecond == 0 {
		l.PerSecond = 30
	}
	if l.Burst == 0 {
		l.Burst = 30
	}
	if l.CallbackAnswer == 0 {
		l.CallbackAnswer = callbackTTL
	}
	return l
}

// bucket lets burst messages through at once and then rate a second.
type bucket struct {
	tokens float64
	at     time.Time
}

// wait is how long until the next message is let through.
func (b *bucket) wait(now time.Time, rate float64, burst int) time.Duration {
	if b.at.IsZero() {
		b.tokens = float64(burst)
	} else {
		b.tokens = min(float64(burst), b.tokens+now.Sub(b.at).Seconds()*rate)
	}
	b.at = now
	if b.tokens >= 1 {
		return 0
	}
	return time.Duration((1 - b.tokens) / rate * float64(time.Second))
}

type rates struct {
	limits Limits
	all    bucket
	chats  map[int64]*bucket
}

func newRates(l Limits) rates { return rates{limits: l, chats: map[int64]*bucket{}} }

// admit counts one message or edit in a chat, or refuses it with 429 and the seconds to wait.
func (s *Simulator) admit(c *chat) *apiError {
	r := &s.rates
	if r.limits.Off {
		return nil
	}
	now := s.cfg.Now()
	one := r.chats[c.person.ID]
	if one == nil {
		one = &bucket{}
		r.chats[c.person.ID] = one
	}
	wait := max(
		one.wait(now, r.limits.PerChat, r.limits.ChatBurst),
		r.all.wait(now, r.limits.PerSecond, r.limits.Burst),
	)
	if wait > 0 {
		return tooMany(int(math.Ceil(wait.Seconds())))
	}
	one.tokens--
	r.all.tokens--
	return nil
}

// SetLimits changes the rates from now on; Limits{Off: true} lifts them.
func (s *Simulator) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Limits = l.orDefault()
	s.rates = newRates(s.cfg.Limits)
}
