module three

go 1.19

require boucle.dev/go/boucle v0.0.0

replace boucle.dev/go/boucle => ../../bindings/go
