; Inno Setup 6 script. NOT YET BUILT ON THIS PLATFORM: reviewed line by line, never run.
;
;   iscc /DVersion=0.1.0 /DBundle=dist\cectrust-bridge bridge\packaging\windows\installer.iss
;
; For all users, by an administrator: a program that a user could overwrite could be overwritten by whatever he runs.
; Sign the result and both programs with the publisher's certificate (signtool) before giving it out.

#ifndef Version
  #error Version is not defined
#endif
#ifndef Bundle
  #define Bundle "..\..\..\dist\cectrust-bridge"
#endif

[Setup]
; Never change it: it is how an upgrade finds the earlier version.
AppId={{6F0B2C52-6D1E-4E0B-9A57-2B9B5F0C8D31}
AppName=CECTRUST 署名ブリッジ
AppVersion={#Version}
VersionInfoVersion={#Version}
AppPublisher=CECTRUST contributors
DefaultDirName={autopf}\CECTRUST Bridge
DisableProgramGroupPage=yes
DefaultGroupName=CECTRUST
PrivilegesRequired=admin
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
LicenseFile=..\..\LICENSE
OutputBaseFilename=cectrust-bridge_{#Version}_windows-amd64
Compression=lzma2
SolidCompression=yes
; Programs in use cannot be replaced: the restart manager asks whether to end running bridges. A signature that a person
; is making then has to be made again; results already kept stay in the profile.
CloseApplications=yes
RestartApplications=no
UninstallDisplayIcon={app}\cectrust-bridgew.exe

[Languages]
Name: "ja"; MessagesFile: "compiler:Languages\Japanese.isl"
Name: "en"; MessagesFile: "compiler:Default.isl"

[CustomMessages]
ja.StartNow=署名ブリッジを起動する
en.StartNow=Start the signing bridge

[InstallDelete]
; Files of an earlier version that this one no longer has would stay importable.
Type: filesandordirs; Name: "{app}\_internal"

[Dirs]
; Pairing files for everybody: the default rights of ProgramData let users create files, so they are set here.
Name: "{commonappdata}\cectrust-bridge\servers.d"; Flags: uninsneveruninstall

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "..\policies\*"; DestDir: "{app}\policies"; Flags: ignoreversion
Source: "..\..\LICENSE"; DestDir: "{app}"; Flags: ignoreversion

[Icons]
Name: "{group}\CECTRUST 署名ブリッジ"; Filename: "{app}\cectrust-bridgew.exe"; Parameters: "run"

[Registry]
; Every user's log-in starts it. HKLM, because this installer cannot write the HKCU of users who are not logged in;
; a single user turns it off under Settings > Apps > Startup.
Root: HKLM; Subkey: "Software\Microsoft\Windows\CurrentVersion\Run"; ValueType: string; ValueName: "CECTRUST Bridge"; \
  ValueData: """{app}\cectrust-bridgew.exe"" run"; Flags: uninsdeletevalue

[Run]
; The folder may have been there before, made by a user: his it is no more. Then S-1-5-18 SYSTEM and S-1-5-32-544
; Administrators write, S-1-5-32-545 Users read; nothing is inherited.
Filename: "{sys}\icacls.exe"; Parameters: """{commonappdata}\cectrust-bridge"" /setowner *S-1-5-32-544 /T"; Flags: runhidden
Filename: "{sys}\icacls.exe"; \
  Parameters: """{commonappdata}\cectrust-bridge"" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX /T"; \
  Flags: runhidden
Filename: "{app}\cectrust-bridgew.exe"; Parameters: "run"; Description: "{cm:StartNow}"; \
  Flags: nowait postinstall skipifsilent runasoriginaluser

[UninstallDelete]
Type: filesandordirs; Name: "{app}\_internal"
; Profiles (%APPDATA%\cectrust-bridge of each user) and fleet pairings are left on purpose; the administrators' page says
; how to delete them.
