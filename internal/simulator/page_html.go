package simulator

import (
	"cmp"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// htmlRenderer writes a text with its entities as HTML in which everything that came from a person is escaped.
type htmlRenderer struct {
	out   strings.Builder
	units []uint16 // the text in UTF-16, in which entities are counted
	open  []Entity // innermost last
}

// renderHTML renders a text for the page. Entities may nest and overlap; an element that would be closed out
// of order is closed and opened again. Those that point outside of the text are cut.
func renderHTML(text string, entities []Entity) string {
	r := &htmlRenderer{units: utf16.Encode([]rune(text))}
	entities = slices.DeleteFunc(slices.Clone(entities), func(e Entity) bool { return e.Length <= 0 || e.end() <= 0 })
	slices.SortStableFunc(entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.end(), a.end()), cmp.Compare(entityRank(a.Type), entityRank(b.Type)))
	})
	pos, skipNewline := 0, false
	for _, char := range string(utf16.Decode(r.units)) {
		if r.closeAt(pos) {
			skipNewline = true
		}
		for len(entities) > 0 && entities[0].Offset <= pos {
			if entities[0].end() > pos {
				r.push(entities[0])
			}
			entities = entities[1:]
		}
		// A block ends its line by itself: the line break behind it would make an empty line.
		if char != '\n' || !skipNewline {
			r.out.WriteString(html.EscapeString(string(char)))
		}
		skipNewline = false
		pos += utf16.RuneLen(char)
	}
	r.closeAt(len(r.units))
	for len(r.open) > 0 { // entities that end behind the text
		r.pop()
	}
	return r.out.String()
}

// closeAt closes the elements that end at pos or before, and opens those again that had to be closed on the
// way. It tells whether a block was closed for good.
func (r *htmlRenderer) closeAt(pos int) (block bool) {
	outermost := slices.IndexFunc(r.open, func(e Entity) bool { return e.end() <= pos })
	if outermost < 0 {
		return false
	}
	reopen := slices.Clone(r.open[outermost:])
	for len(r.open) > outermost {
		r.pop()
	}
	for _, e := range reopen {
		if e.end() > pos {
			r.push(e)
		} else if isBlock(e) {
			block = true
		}
	}
	return block
}

func (r *htmlRenderer) push(e Entity) {
	start, _ := r.tags(e)
	r.open = append(r.open, e)
	r.out.WriteString(start)
}

func (r *htmlRenderer) pop() {
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	_, end := r.tags(e)
	r.out.WriteString(end)
}

// tags returns what opens and closes an entity's element, the same as long as r.open holds what is around it.
func (r *htmlRenderer) tags(e Entity) (start, end string) {
	switch e.Type {
	case "bold":
		return "<b>", "</b>"
	case "italic":
		return "<i>", "</i>"
	case "underline":
		return "<u>", "</u>"
	case "strikethrough":
		return "<s>", "</s>"
	case "spoiler":
		return `<span class="spoiler">`, "</span>"
	case "code":
		return "<code>", "</code>"
	case "pre":
		if e.Language != "" {
			return `<pre><code class="language-` + html.EscapeString(e.Language) + `">`, "</code></pre>"
		}
		return "<pre><code>", "</code></pre>"
	case "blockquote":
		return "<blockquote>", "</blockquote>"
	case "expandable_blockquote":
		return `<blockquote class="expandable">`, "</blockquote>"
	case "date_time":
		return `<time datetime="` + time.Unix(e.UnixTime, 0).UTC().Format(time.RFC3339) + `">`, "</time>"
	}
	return r.link(e)
}

// link renders what can be followed: one link in another stays plain.
func (r *htmlRenderer) link(e Entity) (start, end string) {
	text := r.text(e)
	if slices.ContainsFunc(r.open, isLink) || !isLink(e) {
		return "", ""
	}
	if e.Type == "bot_command" {
		return `<a class="command" data-command="` + html.EscapeString(text) + `">`, "</a>"
	}
	address := ""
	switch e.Type {
	case "text_link":
		address = e.URL
	case "url":
		address = text
		if !strings.Contains(text, "://") {
			address = "http://" + text
		}
	case "email":
		address = "mailto:" + text
	case "phone_number":
		address = "tel:" + strings.ReplaceAll(text, " ", "")
	case "mention":
		address = "https://t.me/" + strings.TrimPrefix(text, "@")
	}
	if !followable(address) {
		return `<a class="plain">`, "</a>"
	}
	return `<a href="` + html.EscapeString(address) + `">`, "</a>"
}

// text is what an entity covers.
func (r *htmlRenderer) text(e Entity) string {
	from := min(max(e.Offset, 0), len(r.units))
	to := min(max(e.end(), from), len(r.units))
	return string(utf16.Decode(r.units[from:to]))
}

func isBlock(e Entity) bool {
	return e.Type == "pre" || e.Type == "blockquote" || e.Type == "expandable_blockquote"
}

func isLink(e Entity) bool {
	return slices.Contains([]string{
		"text_link", "url", "email", "phone_number", "mention", "text_mention", "hashtag", "cashtag", "bot_command",
	}, e.Type)
}

// followable lets through only addresses that a browser cannot take for a script.
func followable(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && slices.Contains([]string{"http", "https", "tg", "mailto", "tel"}, parsed.Scheme)
}
