package admin

import (
	"context"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
)

// traced is how many of the latest notifications a clinic's trace shows.
const traced = 20

// showTrace tells who was sent what about a clinic's subscription and when, the latest first.
func (a *Admin) showTrace(ctx context.Context, t *chat.Turn, card staff.ClinicCard) error {
	trace, err := a.reminders.Trace(ctx, t.Speaker, card.ID, traced)
	if err != nil {
		return err
	}
	var lines []chat.HTML
	for _, sent := range trace {
		lines = append(lines, t.Text("admin.trace.line", chat.Args{
			"When": a.when(t, sent.At), "State": t.Text("admin.trace.state." + string(sent.State)),
			"What": whatWasSent(t, sent), "Who": receiver(t, sent),
		}))
	}
	if lines == nil {
		lines = append(lines, t.Text("admin.trace.none"))
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("admin.trace.title", chat.Args{"Name": card.Name}), chat.Lines(lines...)),
		Rows: [][]chat.Button{backToClinic(t, card.ID, card.Name)},
	})
	return err
}

// whatWasSent names a notification by the day it is about.
func whatWasSent(t *chat.Turn, sent reminder.Sent) chat.HTML {
	if sent.Kind == reminder.KindEnded {
		return t.Text("admin.trace.ended")
	}
	key, days := "admin.trace.before", -sent.Step
	switch {
	case sent.Step == 0:
		key = "admin.trace.on_end"
	case sent.Step == -1:
		key = "admin.trace.last_day"
	case sent.Step > 0:
		key, days = "admin.trace.after", sent.Step
	}
	return t.Text(key, chat.Args{"Days": t.Text("age.days", chat.Args{"Count": days})})
}

// receiver names who got it: somebody of the clinic by name, an admin by the account.
func receiver(t *chat.Turn, sent reminder.Sent) chat.HTML {
	if sent.Name != "" {
		return chat.Escape(chat.Shorten(sent.Name, 40))
	}
	if sent.TelegramID == t.Speaker.TelegramID {
		return t.Text("admin.history.you")
	}
	return t.Text("admin.history.by", chat.Args{"ID": strconv.FormatInt(sent.TelegramID, 10)})
}
