def test_it(shell, tmp_path):
    o=[]
    shell.new(); shell.new(as_="eve@example.net")
    for step in ("technical","billing"): shell.ok("requests","skip","IP-1","--reason","a <trial> & so","--step",step)
    ref = shell.ok("requests", "new", "liberation", "prefix=10.20.0.0/28", "justification=The Lyon office has closed.", "--as", "bob@example.net").strip()
    while shell.json("requests","show",ref)["state"]=="inProgress": shell.ok("requests","skip",ref,"--reason","t")
    shell.ok("pools","import","-",stdin=b"prefix,pool,customer\n10.20.0.128/26,customers-v4,Old Corp\n")
    o+=[shell("history","--evidence","e.html","--address","10.20.0.0/24").said]
    o+=[shell("history","--evidence","e.html","--address","10.20.0.0/24").said]
    o+=[shell.ok("history","--action","evidence"),shell.ok("history","--verify"),shell.ok("history","--address","10.20.0.0/24")]
    open("/tmp/out.txt","w").write("\n----\n".join(o))
