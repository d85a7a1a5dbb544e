// Package overview puts into words what begins and ends these days: on the screen of /expiring, and in the morning's digest,
// which comes without being asked for. So it needs a language and what was found, and no turn. It reads nothing itself.
package overview

import (
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
	"vetalyze/internal/reminder"
)

// PageSize is how many clinics stand on a page.
const PageSize = 10

// The routes that the buttons ask for: "expiring:<place>", "expiring:all", "clinics:card:1f:o:<place>". They are the admin
// room's, which opens them as they are then, however old the message.
const (
	Route       = "expiring"
	All         = "all" // everything active and upcoming, by its end
	From        = "o"   // says that a card was opened from here
	routeClinic = "clinics"
	actCard     = "card"
)

// Screen is a page of the overview, as it is asked for: the numbers, then the clinics with a button each.
func Screen(l chat.Locale, o reminder.Overview) chat.Screen {
	return screen(l, o, l.Text("overview.title", chat.Args{"Day": l.FullDay(o.At.In(o.Zone))}))
}

// Digest is the first page as it comes in the morning. What is empty is not to be sent.
func Digest(l chat.Locale, o reminder.Overview) chat.Screen {
	return screen(l, o, l.Text("overview.digest", chat.Args{"Day": l.FullDay(o.At.In(o.Zone))}))
}

func screen(l chat.Locale, o reminder.Overview, title chat.HTML) chat.Screen {
	paragraphs := []chat.HTML{title}
	if o.Empty() {
		paragraphs = append(paragraphs, l.Text("overview.none"))
	} else {
		paragraphs = append(paragraphs, numbers(l, o))
	}
	for _, section := range reminder.Sections() {
		var lines []chat.HTML
		for _, clinic := range o.Clinics {
			if clinic.Section == section {
				lines = append(lines, line(l, clinic))
			}
		}
		if lines != nil {
			paragraphs = append(paragraphs, chat.Lines(append([]chat.HTML{l.Text("overview.head." + key(section))}, lines...)...))
		}
	}
	rows := append(cardRows(o), pageRows(l, o)...)
	return chat.Screen{
		Text: chat.Paragraphs(paragraphs...),
		Rows: append(rows, chat.Row(
			chat.Button{Label: l.Plain("overview.all"), Data: chat.Data(Route, All)},
			chat.Button{Label: l.Plain("button.clinics"), Data: routeClinic})),
	}
}

// key names a section in the locales.
func key(section reminder.Section) string {
	return map[reminder.Section]string{
		reminder.SectionStarting: "starting", reminder.SectionEnding: "ending", reminder.SectionGrace: "grace",
		reminder.SectionEnded: "ended", reminder.SectionUnreachable: "unreachable",
	}[section]
}

// numbers tells how many clinics there are in each section; of a section without any, nothing.
func numbers(l chat.Locale, o reminder.Overview) chat.HTML {
	var lines []chat.HTML
	for _, section := range reminder.Sections() {
		if count := o.Counts[section]; count > 0 {
			lines = append(lines, l.Text("overview.number", chat.Args{"Section": l.Text("overview.head." + key(section)), "Number": count}))
		}
	}
	return chat.Lines(lines...)
}

func line(l chat.Locale, clinic reminder.OverviewClinic) chat.HTML {
	args := chat.Args{"Name": chat.Shorten(clinic.Name, 40), "Plan": l.Choose(clinic.PlanEN, clinic.PlanAR)}
	switch clinic.Section {
	case reminder.SectionStarting:
		args["Last"] = l.ShortDay(clinic.End.AddDate(0, 0, -1))
	case reminder.SectionEnding, reminder.SectionGrace:
		args["Last"] = l.ShortDay(clinic.Day.AddDate(0, 0, -1))
		args["Days"] = l.Text("age.days", chat.Args{"Count": clinic.Days})
	case reminder.SectionEnded:
		args["Day"] = l.ShortDay(clinic.Day)
	case reminder.SectionUnreachable:
		args["Owner"] = chat.Shorten(clinic.OwnerName, 40)
		args["Phone"] = chat.Code(registry.ShowPhone(clinic.OwnerPhone, clinic.Country))
		if clinic.Joined {
			return l.Text("overview.line.blocked", args)
		}
		return l.Text("overview.line.not_joined", args)
	}
	return l.Text("overview.line."+key(clinic.Section), args)
}

// cardRows open the clinics of the page, each once.
func cardRows(o reminder.Overview) [][]chat.Button {
	var buttons []chat.Button
	seen := map[int64]bool{}
	for _, clinic := range o.Clinics {
		if seen[clinic.ClinicID] {
			continue
		}
		seen[clinic.ClinicID] = true
		buttons = append(buttons, chat.Button{
			Label: chat.Shorten(clinic.Name, 30),
			Data:  chat.Data(routeClinic, actCard, strconv.FormatInt(clinic.ClinicID, 36), From, Data(o.After)),
		})
	}
	return chat.Columns(2, buttons)
}

// pageRows turn the page, and jump to a section where there is more than one page.
func pageRows(l chat.Locale, o reminder.Overview) (rows [][]chat.Button) {
	first := o.After == reminder.Place{}
	if first && !o.More {
		return nil
	}
	var jumps, pages []chat.Button
	for _, section := range reminder.Sections() {
		if count := o.Counts[section]; count > 0 {
			jumps = append(jumps, chat.Button{
				Label: l.Plain("overview.jump."+key(section), chat.Args{"Number": count}),
				Data:  chat.Data(Route, Data(before(section))),
			})
		}
	}
	if !first {
		pages = append(pages, chat.Button{Label: l.Plain("admin.clinics.first"), Data: Route})
	}
	if o.More {
		last := o.Clinics[len(o.Clinics)-1]
		pages = append(pages, chat.Button{Label: l.Plain("admin.clinics.next"), Data: chat.Data(Route, Data(last.Place))})
	}
	if len(jumps) > 1 {
		rows = append(rows, jumps)
	}
	return append(rows, pages)
}

// before is the place after which a section begins.
func before(section reminder.Section) reminder.Place {
	return reminder.Place{Section: section, Key: -1 << 31}
}

// Data writes a place for a button: "2.7de.1f"; nothing for the beginning.
func Data(place reminder.Place) string {
	switch place {
	case reminder.Place{}:
		return ""
	case before(place.Section):
		return strconv.Itoa(int(place.Section))
	}
	return strings.Join([]string{
		strconv.Itoa(int(place.Section)), strconv.FormatInt(int64(place.Key), 36), strconv.FormatInt(place.ClinicID, 36),
	}, ".")
}

// Place takes apart what Data made; what is forged reads as some other place, or the beginning.
func Place(data string) reminder.Place {
	parts := append(strings.SplitN(data, ".", 3), "", "")
	section, err := strconv.Atoi(parts[0])
	if err != nil || section < int(reminder.SectionStarting) || section > int(reminder.SectionUnreachable) {
		return reminder.Place{}
	}
	place := before(reminder.Section(section))
	key, err := strconv.ParseInt(parts[1], 36, 32)
	if err != nil {
		return place
	}
	place.Key = int(key)
	if id, err := strconv.ParseInt(parts[2], 36, 64); err == nil && id > 0 {
		place.ClinicID = id
	}
	return place
}
