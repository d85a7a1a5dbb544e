package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// splittable entities may contain and be part of any other, except pre and code.
var splittable = map[string]bool{
	"bold": true, "italic": true, "underline": true, "strikethrough": true, "spoiler": true,
}

func isQuote(e Entity) bool { return e.Type == "blockquote" || e.Type == "expandable_blockquote" }

func isCode(e Entity) bool { return e.Type == "pre" || e.Type == "code" }

// nestEntities applies the rules of nesting: quotations do not hold quotations, code holds nothing, links do
// not hold links, and formatting of one kind that touches is one entity. It works in place.
func nestEntities(entities []Entity) []Entity {
	sortEntities(entities)
	var fixed []Entity
	styles := entities[:0]
	for _, e := range entities {
		switch {
		case splittable[e.Type]:
			styles = append(styles, e)
		case slices.ContainsFunc(fixed, func(outer Entity) bool {
			return overlap(outer, e) && isQuote(outer) == isQuote(e)
		}):
		case isQuote(e) && slices.ContainsFunc(fixed, func(f Entity) bool { return crosses(f, e) }):
		default:
			fixed = append(fixed, e)
		}
	}
	joined := joinStyles(styles)
	if len(fixed) == 0 {
		return joined // sorted as they were
	}
	nested := fixed
	for _, e := range joined {
		nested = append(nested, withoutCode(e, fixed)...)
	}
	sortEntities(nested)
	return nested
}

// sortEntities puts outer entities before the inner ones they begin with.
func sortEntities(entities []Entity) {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		switch {
		case a.Offset != b.Offset:
			return cmp.Compare(a.Offset, b.Offset)
		case a.Length != b.Length:
			return cmp.Compare(b.Length, a.Length)
		}
		return cmp.Compare(entityRank(a.Type), entityRank(b.Type))
	})
}

func entityRank(kind string) int { return slices.Index(ranks, kind) }

// ranks order entities of the same extent: quotations hold links, links hold formatting.
var ranks = []string{
	"blockquote", "expandable_blockquote", "text_link", "text_mention", "bold", "italic", "underline", "strikethrough",
	"spoiler", "pre", "code", "custom_emoji",
}

func overlap(a, b Entity) bool { return a.Offset < b.end() && b.Offset < a.end() }

func crosses(a, b Entity) bool {
	return overlap(a, b) && !within(a, b) && !within(b, a)
}

func within(inner, outer Entity) bool {
	return outer.Offset <= inner.Offset && inner.end() <= outer.end()
}

// joinStyles makes one entity of those of a kind that touch or overlap, in place.
func joinStyles(styles []Entity) []Entity {
	joined := styles[:0]
	last := map[string]int{} // type -> its newest in joined
	for _, e := range styles {
		if i, ok := last[e.Type]; ok && e.Offset <= joined[i].end() {
			joined[i].Length = max(joined[i].end(), e.end()) - joined[i].Offset
			continue
		}
		last[e.Type] = len(joined)
		joined = append(joined, e)
	}
	return joined
}

// withoutCode cuts out of a style the parts that are code, and cuts it where it would cross another entity.
func withoutCode(style Entity, fixed []Entity) []Entity {
	pieces := []Entity{style}
	for _, f := range fixed {
		if !overlap(style, f) {
			continue
		}
		var next []Entity
		for _, p := range pieces {
			if !overlap(p, f) || !isCode(f) && !crosses(p, f) {
				next = append(next, p)
				continue
			}
			for _, part := range [][2]int{
				{p.Offset, f.Offset}, {max(p.Offset, f.Offset), min(p.end(), f.end())}, {f.end(), p.end()},
			} {
				middle := part[0] >= f.Offset && part[1] <= f.end()
				if part[1] > part[0] && !(middle && isCode(f)) {
					piece := p
					piece.Offset, piece.Length = part[0], part[1]-part[0]
					next = append(next, piece)
				}
			}
		}
		pieces = next
	}
	return pieces
}

// withFound adds the entities that Telegram finds by itself where the bot or the person set none.
func withFound(entities []Entity, text string) []Entity {
	for _, found := range findEntities(text) {
		if !slices.ContainsFunc(entities, func(e Entity) bool {
			return overlap(e, found) && !isQuote(e) && !(splittable[e.Type] && !crosses(e, found))
		}) {
			entities = append(entities, found)
		}
	}
	sortEntities(entities)
	return entities
}

// linkedUser is the person whom a tg://user?id= link leads to, or 0.
func linkedUser(link string) int64 {
	rest, ok := strings.CutPrefix(asciiLower(link), "tg:")
	if !ok {
		return 0
	}
	rest, ok = strings.CutPrefix(strings.TrimPrefix(rest, "//"), "user")
	if !ok {
		return 0
	}
	parameters, ok := strings.CutPrefix(strings.TrimPrefix(rest, "/"), "?")
	if !ok {
		return 0
	}
	parameters, _, _ = strings.Cut(parameters, "#")
	for _, parameter := range strings.Split(parameters, "&") {
		if value, ok := strings.CutPrefix(parameter, "id="); ok {
			id, _ := strconv.ParseInt(value, 10, 64)
			return max(id, 0)
		}
	}
	return 0
}
