package notices

import (
	"vetalyze/bot/chat"
	"vetalyze/internal/reminder"
)

// reminder tells a clinic's owner what ends when and what happens then; somebody who owns several clinics gets one message.
func (n *Notices) reminder(l chat.Locale, items []reminder.Item) chat.Screen {
	several := len(items) > 1
	items, left := shown(items)
	var text []chat.HTML
	var rows [][]chat.Button
	if several {
		text = append(text, l.Text("notices.reminder.several"))
	}
	for _, item := range items {
		name := chat.Shorten(item.ClinicName, 60)
		text = append(text, chat.Lines(
			l.Text("notices.reminder.clinic", chat.Args{"Clinic": name, "Plan": l.Choose(item.PlanEN, item.PlanAR)}),
			ends(l, item), then(l, item), next(l, item)))
		if several {
			rows = append(rows, chat.Row(chat.Button{
				Label: l.Plain("notices.reminder.of", chat.Args{"Clinic": chat.Shorten(item.ClinicName, 40)}), Data: n.open(item.ClinicID, "subscription"),
			}))
		}
	}
	if !several {
		rows = append(rows, chat.Row(
			chat.Button{Label: l.Plain("button.subscription"), Data: n.open(items[0].ClinicID, "subscription")},
			chat.Button{Label: l.Plain("clinic.subscription.renew"), Data: n.open(items[0].ClinicID, "renew")}))
	}
	return chat.Screen{Text: chat.Paragraphs(append(text, more(l, left))...), Rows: rows}
}

// ends tells when a term ends, or that it has.
func ends(l chat.Locale, item reminder.Item) chat.HTML {
	last := l.FullDay(item.End.AddDate(0, 0, -1))
	if left := item.DaysLeft(); left > 0 {
		return l.Text("notices.reminder.left", chat.Args{"Count": left, "Day": last})
	}
	return l.Text("notices.reminder.ended", chat.Args{"Day": last})
}

// then tells what is open to the clinic afterwards, or now.
func then(l chat.Locale, item reminder.Item) chat.HTML {
	until := chat.Args{"Day": l.FullDay(item.GraceUntil.AddDate(0, 0, -1))}
	switch {
	case item.DaysLeft() > 0 && item.GraceUntil.After(item.End):
		return l.Text("notices.reminder.then_grace", until)
	case item.DaysLeft() > 0:
		return l.Text("notices.reminder.then_over")
	case item.Today.Before(item.GraceUntil):
		return l.Text("notices.reminder.grace", until)
	}
	return l.Text("notices.reminder.over")
}

// next tells of a later term: between the two there is a gap.
func next(l chat.Locale, item reminder.Item) chat.HTML {
	if item.NextStart.IsZero() {
		return ""
	}
	return l.Text("notices.reminder.next", chat.Args{"Day": l.FullDay(item.NextStart)})
}
