// Package workbook writes spreadsheets that Excel, Google Sheets and LibreOffice open (Office Open XML, .xlsx), row by
// row and holding none of them. Cells are texts or numbers: what a person typed stands in them as it was typed and is
// never taken for a formula, whatever it begins with.
package workbook

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// MaxRows is how many rows a sheet can have, its heading included: Excel opens no more.
const MaxRows = 1 << 20

// decimal is what is written as a number; anything else stays a text.
var decimal = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`)

// code is what stands for a character where a cell's text is read: "_x0041_" is an A (ECMA-376, ST_Xstring).
var code = regexp.MustCompile(`_(x[0-9A-Fa-f]{4})`)

// maxCell is how many characters Excel takes in a cell.
const maxCell = 32767

// A Book says what will be written.
type Book struct {
	RightToLeft bool // the first column stands on the right
	Sheets      []Sheet
}

// A Sheet has a name of at most 31 characters, without any of []:*?/\, and its columns.
type Sheet struct {
	Name    string
	Columns []Column
}

// A Column has a title, and cells of one kind.
type Column struct {
	Title string
	Width int // in characters
	Kind  Kind
}

// A Kind is what the cells of a column are.
type Kind int

// The kinds of cells.
const (
	Text   Kind = iota // words, each in its own direction
	Label              // a phone, code or date: from left to right in any language
	Number             // a decimal number; empty: none
)

// A Writer writes a Book's sheets, one after the other.
type Writer struct {
	book   Book
	zip    *zip.Writer
	sheet  *bufio.Writer // nil: none is begun
	next   int           // the sheet to begin
	rows   int           // of the sheet that is begun
	failed error
}

// New begins a book. Next begins its first sheet.
func New(w io.Writer, book Book) (*Writer, error) {
	b := &Writer{book: book, zip: zip.NewWriter(w)}
	for _, part := range parts(book) {
		file, err := b.zip.Create(part.name)
		if err == nil {
			_, err = io.WriteString(file, part.content)
		}
		if err != nil {
			return nil, fmt.Errorf("begin a workbook: %w", err)
		}
	}
	return b, nil
}

// Next ends the sheet that is being written and begins the next one, with its heading.
func (b *Writer) Next() error {
	b.end()
	if b.next == len(b.book.Sheets) {
		b.fail(errors.New("there is no sheet left"))
	}
	if b.failed != nil {
		return b.failed
	}
	columns := b.book.Sheets[b.next].Columns
	b.next++
	file, err := b.zip.Create(sheetName(b.next))
	if err != nil {
		b.fail(err)
		return b.failed
	}
	b.sheet, b.rows = bufio.NewWriter(file), 0
	b.sheet.WriteString(opening(b.book.RightToLeft, columns))
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = column.Title
	}
	b.row(titles, func(int) (Kind, int) { return Text, styleHeading })
	return b.failed
}

// Row writes a row, a cell for each column of the sheet. Cells that are left out are empty.
func (b *Writer) Row(cells ...string) error {
	if b.sheet == nil {
		return errors.Join(b.failed, errors.New("write a workbook: no sheet is begun"))
	}
	columns := b.book.Sheets[b.next-1].Columns
	if len(cells) > len(columns) || b.rows == MaxRows {
		b.fail(fmt.Errorf("row %d of %d cells does not fit", b.rows+1, len(cells)))
		return b.failed
	}
	b.row(cells, func(i int) (Kind, int) { return columns[i].Kind, styles[columns[i].Kind] })
	return b.failed
}

// Close ends the book; without it there is none. The writer below stays open.
func (b *Writer) Close() error {
	b.end()
	if b.next < len(b.book.Sheets) {
		b.fail(errors.New("a sheet is missing"))
	}
	b.fail(b.zip.Close())
	return b.failed
}

func (b *Writer) row(cells []string, as func(i int) (Kind, int)) {
	b.rows++
	fmt.Fprintf(b.sheet, `<row r="%d">`, b.rows)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		kind, style := as(i)
		place := columnName(i) + strconv.Itoa(b.rows)
		if kind == Number && decimal.MatchString(cell) {
			fmt.Fprintf(b.sheet, `<c r="%s" s="%d"><v>%s</v></c>`, place, style, cell)
			continue
		}
		fmt.Fprintf(b.sheet, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, place, style)
		b.fail(xml.EscapeText(b.sheet, []byte(asTyped(fit(cell)))))
		b.sheet.WriteString("</t></is></c>")
	}
	_, err := b.sheet.WriteString("</row>") // it remembers what went wrong before
	b.fail(err)
}

// end ends the sheet that is begun, if one is.
func (b *Writer) end() {
	if b.sheet == nil {
		return
	}
	b.sheet.WriteString(closing)
	b.fail(b.sheet.Flush())
	b.sheet = nil
}

func (b *Writer) fail(err error) {
	if b.failed == nil && err != nil {
		b.failed = fmt.Errorf("write a workbook: %w", err)
	}
}

// fit cuts a text to what a cell holds.
func fit(text string) string {
	if utf8.RuneCountInString(text) <= maxCell {
		return text
	}
	return string([]rune(text)[:maxCell])
}

// asTyped writes the underscore of what would be read as a character's code as a code itself.
func asTyped(text string) string { return code.ReplaceAllString(text, "_x005F_$1") }

// columnName is a column's place in letters: A, B, … Z, AA.
func columnName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return columnName(i/26-1) + columnName(i%26)
}
