package admin

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/bot/overview"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// longSearch is how many bytes of a search a button can carry: its data has 64 in all, and the page, the filters and the
// route stand there too. What is longer is cut, and shown as it is searched for.
const longSearch = 30

// longView is how many bytes of a button's data are left beside "clinics:card:" and a clinic's id.
const longView = 42

// A view is what an admin looks at in the list of clinics. It travels in the data of the buttons, so no page needs to be
// remembered.
type view struct {
	status staff.ClinicStatus // empty: all
	plan   int                // 0: all
	text   string             // part of a name, an owner's name or a phone; empty: all
	at     subscription.ClinicMark

	overview string // the page of the overview looked at instead, written for a button, after its colon; empty: none
}

// searching returns the view of a search.
func searching(typed string) view {
	typed = strings.ToValidUTF8(strings.Map(plainRune, typed), "")
	return view{text: cutBytes(strings.Join(strings.Fields(typed), " "), longSearch)}
}

// cutBytes cuts a text to so many bytes, between two characters.
func cutBytes(text string, longest int) string {
	for len(text) > longest {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimSpace(text)
}

// backward stands in a button's data before the clinic at which a page ends.
const backward = "-"

// data is the view for a button: "2:7:1f:cairo", or "2:7:-1f:cairo" on the way back. A whole search has room beside 46,656
// plans and 1.6 million clinics; only beside the longer ids of a forger is it cut.
func (v view) data() string {
	if v.overview != "" {
		return overview.From + v.overview
	}
	status := ""
	if at := slices.Index(staff.ClinicStatuses(), v.status); at >= 0 {
		status = strconv.Itoa(at)
	}
	at := short(v.at.ClinicID)
	if v.at.Back {
		at = backward + at
	}
	filters := chat.Data(status, short(int64(v.plan)), at, "")
	return filters + cutBytes(v.text, longView-len(filters))
}

// readView takes apart what data made; what is forged reads as no filter.
func readView(data string) view {
	if page, ok := strings.CutPrefix(data, overview.From+":"); ok {
		return view{overview: ":" + overview.Data(overview.Place(page))}
	}
	parts := append(strings.SplitN(data, ":", 4), "", "", "", "")
	v := searching(parts[3])
	statuses := staff.ClinicStatuses()
	if at, err := strconv.Atoi(parts[0]); err == nil && at >= 0 && at < len(statuses) {
		v.status = statuses[at]
	}
	v.plan = int(min(long(parts[1]), 1<<31-1))
	at, back := strings.CutPrefix(parts[2], backward)
	if id := long(at); id != 0 {
		v.at = subscription.ClinicMark{Back: back, ClinicID: id}
	}
	return v
}

// short writes an id in few letters; nothing for 0.
func short(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 36)
}

func long(text string) int64 {
	id, err := strconv.ParseInt(text, 36, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// clip shortens what stands in a list, where many names share one message.
func clip(text string, longest int) string {
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	return string(runes[:longest-1]) + "…"
}
