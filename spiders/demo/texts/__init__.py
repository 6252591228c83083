"""The demo's articles, one file per category; `spiders.demo.articles` reads them."""
