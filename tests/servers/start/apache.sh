# Become an Apache with PHP for $DATA/htdocs, where index.php answers what is no file; sourced.
cat > "$DATA/apache.conf" <<CONF
ServerName 127.0.0.1
Listen 127.0.0.1:$PORT
PidFile $DATA/apache.pid
ErrorLog $DATA/apache.log
User www-data
Group www-data
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule php_module $(echo /usr/lib/apache2/modules/libphp*.so)
DocumentRoot $DATA/htdocs
<FilesMatch "\.php$">
    SetHandler application/x-httpd-php
</FilesMatch>
<Directory /usr/share/davical/htdocs>
    Require all granted
</Directory>
<Directory $DATA/htdocs>
    Options FollowSymLinks
    Require all granted
    DirectoryIndex index.php
    FallbackResource /index.php
    AcceptPathInfo On
</Directory>
$APACHE
CONF
exec apache2 -f "$DATA/apache.conf" -D FOREGROUND
