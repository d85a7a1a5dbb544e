// Package notices puts into words what comes without being asked for: reminders to clinic owners, alerts to admins and their
// morning's digest. What is due to whom is decided in internal/reminder.
package notices

import (
	"context"
	"fmt"

	"vetalyze/bot/chat"
	"vetalyze/bot/overview"
	"vetalyze/internal/reminder"
	"vetalyze/internal/telegram"
)

// most is how many clinics stand in one message, with a button each.
const most = 20

// Notices writes letters and sends them.
type Notices struct {
	api   *telegram.Client
	texts *chat.Texts
	open  func(clinicID int64, route ...string) string
}

// New returns the room. Open makes the data of a button that opens a route in a message of its own, at a clinic; 0: at none.
func New(api *telegram.Client, texts *chat.Texts, open func(clinicID int64, route ...string) string) *Notices {
	return &Notices{api: api, texts: texts, open: open}
}

// Post is how letters go out: behind everybody who is chatting.
func (n *Notices) Post() reminder.Post { return reminder.Post{Turn: n.api.Turn, Send: n.send} }

func (n *Notices) send(ctx context.Context, letter reminder.Letter) (int, error) {
	l := n.texts.In(chat.Language(letter.Language))
	var screen chat.Screen
	switch letter.Kind {
	case reminder.KindReminder:
		screen = n.reminder(l, letter.Items)
	case reminder.KindEnded:
		screen = n.ended(l, letter.Items)
	case reminder.KindDigest:
		screen = overview.Digest(l, letter.Overview)
	default:
		return 0, fmt.Errorf("no words for a %s", letter.Kind)
	}
	return chat.Post(ctx, n.api, l, letter.To, screen)
}

// shown is the part of the items that a message has room for, and how many are left out.
func shown(items []reminder.Item) ([]reminder.Item, int) {
	if len(items) <= most {
		return items, 0
	}
	return items[:most], len(items) - most
}

func more(l chat.Locale, left int) chat.HTML {
	if left == 0 {
		return ""
	}
	return l.Text("notices.more", chat.Args{"Count": left})
}
