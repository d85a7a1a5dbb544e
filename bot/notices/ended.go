package notices

import (
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/internal/reminder"
)

// ended tells an admin which clinics have ended, with a button to the card of each.
func (n *Notices) ended(l chat.Locale, items []reminder.Item) chat.Screen {
	title := l.Text("notices.ended.title", chat.Args{"Count": len(items)})
	items, left := shown(items)
	var lines []chat.HTML
	var buttons []chat.Button
	for _, item := range items {
		how := "notices.ended.expired"
		if item.Closed != "" {
			how = "notices.ended." + item.Closed
		}
		lines = append(lines, l.Text(how, chat.Args{
			"Clinic": chat.Shorten(item.ClinicName, 60), "Plan": l.Choose(item.PlanEN, item.PlanAR),
		}))
		buttons = append(buttons, chat.Button{
			Label: chat.Shorten(item.ClinicName, 40),
			Data:  n.open(0, "clinics", "card", strconv.FormatInt(item.ClinicID, 36)),
		})
	}
	return chat.Screen{
		Text: chat.Paragraphs(title, chat.Lines(lines...), more(l, left), l.Text("notices.ended.then")),
		Rows: chat.Columns(2, buttons),
	}
}
